"""How a run ends other than by following its trace to the end."""

from __future__ import annotations


class WentAnotherWay(Exception):
    """Ray did not do what the step says."""

    def __init__(self, step: int, text: str) -> None:
        super().__init__(text)
        self.step = step


class NotConductible(Exception):
    """No verb reaches the step."""

    def __init__(self, step: int, text: str) -> None:
        super().__init__(text)
        self.step = step
