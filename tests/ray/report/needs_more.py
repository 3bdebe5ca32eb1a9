"""What a script that has nothing but Ray cannot do."""

from __future__ import annotations


class NeedsMore(Exception):
    """`step` of the trace needs what the text says; 0 stands for the look at the end."""

    def __init__(self, step: int, text: str) -> None:
        super().__init__(text)
        self.step = step
