"""What the witnesses of earlier runs showed: the rules, the pairs of rules, and which message led to which rule."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from conduct import tables
from explore.chooser import Seen
from explore.faults import faults

_WORDED = ("RequestWorkerLease", "PushTask", "Exit", "DrainRaylet")  # replies that are told apart by what they say


def key(kind: str, said: str, is_reply: bool, receiver: str) -> str:
    """What steering knows a message by. `said` is the first word of a reply's content, `receiver` the kind of process."""
    content = (said if kind in _WORDED and said else "reply") if is_reply else "request"
    return f"{kind} {content} {'owner' if receiver == 'driver' else receiver}"


@dataclass
class Steering:
    """Grows with each witness."""

    rules: Counter[str] = field(default_factory=Counter)
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    leads: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def __post_init__(self) -> None:
        """A step of the environment leads to the rules that it is."""
        for fault in faults().values():
            self.leads[fault.verb].update(dict.fromkeys(fault.rules, 1))
        for verb in ("submit", "finish", "show_end"):
            self.leads[verb].update(dict.fromkeys((row.id for row in tables.rules().values() if row.means == verb), 1))

    def seen(self) -> Seen:
        return Seen(self.rules, self.pairs, self.leads)

    def add(self, witness: dict[str, Any]) -> None:
        """Takes in a trace that `raymc conform` wrote."""
        kinds = [lane["kind"] for lane in witness["lanes"]]
        last: dict[int | None, str] = {}
        for step in witness["steps"]:
            leading = step["action"].partition("(")[0]
            self.rules.update({leading, *(rule["id"] for rule in step["rules"])})
            lane = step["lane"]
            if lane in last:
                self.pairs[last[lane], leading] += 1
            last[lane] = leading
            for event in step["messages"]:
                if event["event"] not in ("received", "held"):
                    continue
                message = witness["messages"][event["message"]]
                said = message["label"].partition(": ")[2]
                if not said.startswith("error"):
                    self.leads[key(message["kind"], said.split(" ")[0].split(",")[0], bool(said), kinds[message["to"]])][leading] += 1
