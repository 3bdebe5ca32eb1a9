"""Which steps of a trace are needed, and which have to come before which: the reasons that `raymc trace` prints under `why`."""

from __future__ import annotations

from functools import cached_property

from conduct import scene as scenes
from conduct.trace import Step, Trace


class Order:
    """The steps in the order in which they are played, and the chain of reasons between them."""

    def __init__(self, trace: Trace) -> None:
        self._chain = trace.chain
        self.steps = scenes.order(trace)
        self._place = {step.number: place for place, step in enumerate(self.steps)}

    @cached_property
    def needed(self) -> set[int]:
        return {step for step, _ in self._chain}

    def place(self, number: int) -> int:
        """Where the step with this number is played; what comes before the trace is at -1."""
        return self._place.get(number, -1)

    def between(self, first: int, last: int) -> list[Step]:
        """The steps that are played after the one and before the other."""
        return self.steps[self.place(first) + 1 : self.place(last)]

    def leads_to(self, first: int, last: int) -> bool:
        """Whether the one is among the reasons for the other."""
        found = {first}
        for step, before in sorted(self._chain):
            if step in found:
                found.add(before)
        return last in found
