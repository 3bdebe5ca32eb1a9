"""What the GCS writes to its store, in the words of rules.tsv, and what it does not write before it crashes."""

from __future__ import annotations

from conduct import tables
from conduct.trace import Trace
from wire import store

_DEATH = "NODE death"  # in rules.tsv's column "writes"


def unwritten(trace: Trace) -> tuple[set[str], bool]:
    """What the GCS does not write before it crashes, although something would make it, in the words of rules.tsv; and whether redis has to
    refuse that, because it does what it is asked in order, and the GCS writes something else before it crashes."""
    crash = next((step.number for step in trace.steps if step.rule == "gcs.G15.crash"), 0)
    if crash <= 1:
        return set(), False
    before = [step for step in trace.steps[:crash] if step.rule in tables.rules()]
    written = {tables.rules()[rule].writes for step in before for rule in (step.rule, *step.rules) if rule in tables.rules()}
    unwritten = {row.writes for row in tables.rules().values()} - written - {""}
    failed = next((step.number for step in before if "gcs.G4.node_failed" in step.rules), crash)
    return unwritten, _DEATH in unwritten and any(tables.rules()[step.rule].writes for step in before if step.number > failed)


def writes(command: list[bytes], what: str) -> bool:
    """Whether a command of redis writes to a table; deaths of nodes are told from other writes to theirs."""
    table = what.split()[0]
    return store.writes(command, table) and (table != "NODE" or (what == _DEATH) == bool(store.dead_node(command)))
