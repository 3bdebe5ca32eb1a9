"""The table model | stock Ray: results/sweep.tsv, one row for a call, a way, a time and a release."""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from pathlib import Path

from sweep import judge, tables
from sweep.ways import WAYS

NTHS = (1, 2)
_HEADER = (
    "# Each call of an unmodified Ray fails once, in one way, at its first or second time; what differs from the same program without that, beside\n"
    "# what results/call_failures.tsv says of the model.\n"
    "# Regenerate with: ./raymc ray sweep [--ray VERSION]. struck: between whom. tries: in how many of how many runs there was that difference,\n"
    "# and how many calls were struck together in one cluster.\n"
    "# verdict: agree, disagree, not struck (there is no such call in the program), not modelled. reason: of tests/ray/sweep/reasons.tsv.\n"
    "release\tcall\tcaller\tway\tnth\tprogram\tstruck\tstock Ray\ttries\tmodel\tverdict\treason"
)
UNEXPLAINED = "unexplained"

Key = tuple[str, str, str, str, int]


@dataclass(frozen=True)
class Row:
    release: str
    call: str
    caller: str
    way: str
    nth: int
    program: str
    struck: str
    stock: str
    tries: str
    model: str
    verdict: str
    reason: str = "-"

    @property
    def key(self) -> Key:
        return self.release, self.call, self.caller, self.way, self.nth

    @property
    def needs_reason(self) -> bool:
        """A disagreement; and a difference in a call that the model does not have."""
        return self.verdict == judge.DISAGREE or (self.verdict == judge.NOT_MODELLED and self.stock != judge.SAME)


def explained(row: Row) -> Row:
    """The row with its reason, if it needs one."""
    if not row.needs_reason:
        return replace(row, reason="-")
    found = [each.text for each in tables.reasons() if each.is_of(row.call, row.caller, row.way, row.nth)]
    return replace(row, reason=found[0] if found else UNEXPLAINED)


def stale(rows: list[Row]) -> list[tables.Reason]:
    """Reasons that no row needs."""
    needing = [row for row in rows if row.needs_reason]
    return [each for each in tables.reasons() if not any(each.is_of(row.call, row.caller, row.way, row.nth) for row in needing)]


def read(path: Path) -> dict[Key, Row]:
    """The rows of a table; none if there is no table."""
    found = {}
    for line in path.read_text().splitlines() if path.exists() else []:
        if line and not line.startswith(("#", "release\t")):
            release, call, caller, way, nth, *rest = line.split("\t")
            row = Row(release, call, caller, way, int(nth), *rest)
            found[row.key] = row
    return found


def write(path: Path, rows: dict[Key, Row]) -> None:
    """In the order of calls.tsv, and whole or not at all."""
    places = {(call.name, call.caller): place for place, call in enumerate(tables.calls())}
    ways = list(WAYS)
    known = [row for row in rows.values() if (row.call, row.caller) in places]
    ordered = sorted(known, key=lambda row: (row.release, places[row.call, row.caller], ways.index(row.way), row.nth))
    part = path.with_name(path.name + ".part")
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_text("\n".join([_HEADER, *("\t".join(map(str, astuple(explained(row)))) for row in ordered)]) + "\n")
    part.rename(path)
