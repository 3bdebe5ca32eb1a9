"""What a struck run shows beside its control, and whether the model says so, too."""

from __future__ import annotations

from dataclasses import dataclass

from conduct import tables as words
from sweep import model, tables
from sweep.show import Facts

AGREE, DISAGREE, NOT_STRUCK, NOT_MODELLED = "agree", "disagree", "not struck", "not modelled"
SAME = "as without the fault"
_SHOWN = 4


@dataclass(frozen=True)
class Difference:
    """One fact that is another one than in the control. Another execution is no harm as long as the task's retries allow it."""

    fact: str
    now: str
    before: str

    @property
    def kind(self) -> str:
        return self.fact.split(" ")[0]

    @property
    def harms(self) -> bool:
        return not (self.kind == "executions" and self.now.isdigit())

    def __str__(self) -> str:
        return f"{self.fact}: {self.now} instead of {self.before}"


def differences(facts: Facts, control: Facts) -> list[Difference]:
    """In the order of the control; what one of the two has not is "not seen"."""
    if facts.get("cluster") != control.get("cluster"):
        return [Difference("cluster", facts.get("cluster", "not seen"), control.get("cluster", "not seen"))]
    names = list(control) + [name for name in facts if name not in control]
    pairs = ((name, facts.get(name, "not seen"), control.get(name, "not seen")) for name in names)
    return [Difference(*each) for each in pairs if each[1] != each[2]]


def text(found: list[Difference]) -> str:
    """All of them in one line, those that harm first."""
    ordered = sorted(found, key=lambda each: not each.harms)
    more = f"; and {len(ordered) - _SHOWN} more" if len(ordered) > _SHOWN else ""
    return "; ".join(map(str, ordered[:_SHOWN])) + more if found else SAME


def verdict(call: str, way: str, found: list[Difference]) -> str:
    """Without harm the model must say that all holds; with harm it must break a property whose look is of that kind."""
    said = model.says(call, way)
    if said == model.UNKNOWN:
        return NOT_MODELLED
    harm = [each for each in found if each.harms]
    if not model.breaks(call, way):
        return DISAGREE if harm else AGREE
    look = words.looks()[said]
    return AGREE if any(look in tables.looks_of_facts()[each.kind] for each in harm) else DISAGREE
