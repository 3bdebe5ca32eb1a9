"""What comes of a trace, of each try, and how a try ends other than by following its trace to the end."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from conduct.trace import Trace


class WentAnotherWay(Exception):
    """Ray did not do what the step says."""

    def __init__(self, step: int, text: str) -> None:
        super().__init__(text)
        self.step = step


class ChoseOtherwise(WentAnotherWay):
    """Ray made another choice than the trace where it chooses by chance: another run may choose as the trace does."""


class NotConductible(Exception):
    """No verb reaches the step."""

    def __init__(self, step: int, text: str) -> None:
        super().__init__(text)
        self.step = step


class NotInRelease(Exception):
    """The release does not have what the schedule rests on."""


class Verdict(enum.Enum):
    HAPPENED = "happened"
    FOLLOWED = "followed"  # the trace violates nothing: it was stepped through by hand, and Ray did all its steps
    STANDS = "stands"  # the schedule was followed to the step where a safeguard acts, Ray did that, and all was well
    ANOTHER_WAY = "went another way"
    NOT_CONDUCTIBLE = "not conductible"
    NOT_IN_RELEASE = "not in this release"  # the schedule rests on a proposed fix that this Ray does not have
    ENDS_WELL = "ends well"  # of a control
    NOT_RUN = "not run"  # the cluster or the control did not come to its end: this says nothing about Ray


@dataclass(frozen=True)
class Try:
    """`step` is where it ended; 0 if no step is to blame. `by_chance` says that Ray only chose otherwise."""

    verdict: Verdict
    step: int
    words: str
    seconds: float
    by_chance: bool = False


@dataclass(frozen=True)
class Conducted:
    """All tries of one trace."""

    trace: Trace
    tries: tuple[Try, ...]
    control: Try | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def happened(self) -> int:
        """How many tries came to what was wanted: the violation, that Ray stands, or the end of a schedule that violates nothing."""
        return sum(each.verdict in (Verdict.HAPPENED, Verdict.FOLLOWED, Verdict.STANDS) for each in self.tries)

    @property
    def verdict(self) -> Verdict:
        for verdict in (Verdict.HAPPENED, Verdict.FOLLOWED, Verdict.STANDS, Verdict.NOT_CONDUCTIBLE, Verdict.NOT_IN_RELEASE, Verdict.ANOTHER_WAY):
            if any(each.verdict is verdict for each in self.tries):
                return verdict
        return Verdict.NOT_RUN

    @property
    def ran(self) -> bool:
        """Whether a cluster was started for it."""
        return self.verdict not in (Verdict.NOT_CONDUCTIBLE, Verdict.NOT_IN_RELEASE)
