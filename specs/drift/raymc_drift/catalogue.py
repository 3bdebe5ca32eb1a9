"""What hangs on a citation: the model's rows, the safeguards that they ask, the scenarios that show them, and the findings. Read from files that are
committed, so that drift needs no build."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from raymc_drift.places import BAD_INPUT, DriftError
from raymc_drift.tools import tags_of

_ASKED_DEPTH = 2
"""How far from a row's guard and effect a function may be that asks a safeguard: shared helpers lead everywhere."""


@dataclass(frozen=True)
class Row:
    id: str
    says: str
    path: str
    symbol: str
    told_in: str = ""
    """Of a safeguard: Ray's issues and pull requests in which it is told, by which it came, and by which it was given up."""


@dataclass(frozen=True)
class Kept:
    """What results/golden.tsv says of a scenario: the answer of the last `./raymc golden`."""

    scenario: str
    answer: str
    """"holds", or "violates I3.resources_conserved after 9 steps"."""
    held_by: tuple[str, ...]
    """The safeguards with which every property holds, as the tests find it."""


@dataclass
class Safeguard:
    id: str
    says: str
    path: str
    symbol: str
    """Where it stands in Ray; of a proposed fix, what would change."""
    rows: set[str] = field(default_factory=set)
    scenarios: list[str] = field(default_factory=list)


class Catalogue:
    """The model as drift sees it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def rows(self) -> list[Row]:
        """The rows that cite code, in the model's order; those of signals cite none."""
        return [row for row in self._listed("transitions") if row.path]

    @cached_property
    def guards(self) -> list[Row]:
        """The safeguards in the same form: each cites code."""
        return self._listed("safeguards")

    def _listed(self, what: str) -> list[Row]:
        file = self.root / "results" / f"{what}.json"
        try:
            entries = json.loads(file.read_text(encoding="utf8"))
            return [_row(entry) for entry in entries]
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise DriftError(f"{file}: {error}", BAD_INPUT, "regenerate it with ./raymc golden") from None

    @cached_property
    def safeguards(self) -> dict[str, Safeguard]:
        """Each safeguard with the rows that ask it, found in the model's source, and the scenarios that name it."""
        text = {str(p.relative_to(self.root)): p.read_text(encoding="utf8") for p in sorted((self.root / "model").rglob("*.cpp"))}
        keys = {name: key for key, name in re.findall(r'\{(k\w+),\s*"([a-z_0-9]+)"', text.get("model/safeguard_table.cpp", ""))}
        found = {keys.get(guard.id, ""): Safeguard(guard.id, guard.says, guard.path, guard.symbol) for guard in self.guards}
        tags = tags_of({path: content.encode() for path, content in text.items()})
        for path, content in text.items():
            lines = content.split("\n")
            bodies: dict[str, str] = {}
            for tag in tags[path]:
                if tag.kind == "function" and tag.end and not tag.name.startswith("__anon"):
                    bodies[tag.name] = bodies.get(tag.name, "") + "\n".join(lines[tag.line - 1 : tag.end])
            for name, block in _row_blocks(content):
                for key in _asked(block, bodies, 0, frozenset()):
                    if key in found:
                        found[key].rows.add(name)
        by_id = {s.id: s for s in found.values()}
        for name, scenario in self._scenarios.items():
            protocol, expect = scenario.get("protocol", {}), scenario.get("expect", {})
            for key in sorted({*protocol.get("safeguards", {}), *expect.get("held_by", [])}):
                if key in by_id:
                    by_id[key].scenarios.append(name)
        return by_id

    @cached_property
    def _scenarios(self) -> dict[str, dict[str, dict[str, list[str]]]]:
        folder = self.root / "specs" / "scenarios"
        found = {}
        for file in sorted(folder.rglob("*.toml")):
            try:
                found[str(file.relative_to(folder))] = tomllib.loads(file.read_text(encoding="utf8"))
            except tomllib.TOMLDecodeError as error:
                raise DriftError(f"{file}: {error}") from None
        return found

    @cached_property
    def findings(self) -> list[tuple[str, tuple[str, ...]]]:
        """Each scenario that is judged to be a finding, as results/findings.md lists them: its question, and its file."""
        return [(str(scenario.get("question", file)), (file,)) for file, scenario in self._scenarios.items() if "finding" in scenario]

    def of_pull_request(self, number: int) -> list[Row]:
        """The safeguards that the model has of this pull request or issue of Ray."""
        return [guard for guard in self.guards if re.search(rf"#{number}\b", guard.told_in)]

    def kept(self, safeguard: str) -> list[Kept]:
        """What is known of the scenarios that ask what this safeguard is good for, without it."""
        found = []
        for name, scenario in self._scenarios.items():
            held_by = tuple(scenario.get("expect", {}).get("held_by", []))
            if safeguard in held_by and name in self._answers:
                found.append(Kept(name, self._answers[name], held_by))
        return found

    @cached_property
    def _answers(self) -> dict[str, str]:
        found = {}
        for cells in self._golden[1:]:
            line = dict(zip(self._golden[0], cells, strict=True))
            steps = f" after {line['trace_length']} steps" if line["trace_length"] != "-" else ""
            answer = line["outcome"] if line["property"] == "-" else f"violates {line['property']}{steps}"
            found[line["scenario"].removeprefix("specs/scenarios/")] = answer
        return found

    @cached_property
    def _firings(self) -> dict[str, list[str]]:
        """By row the scenarios in which it fires."""
        lines = [x.split("\t") for x in (self.root / "results" / "coverage.tsv").read_text(encoding="utf8").splitlines() if not x.startswith("#")]
        names = [name.removeprefix("specs/scenarios/") for name in lines[0][2:]]
        return {cells[0]: [n for n, count in zip(names, cells[2:], strict=True) if count not in ("", "0", "-")] for cells in lines[1:]}

    @cached_property
    def _golden(self) -> list[list[str]]:
        """Its columns, and its lines."""
        return [x.split("\t") for x in (self.root / "results" / "golden.tsv").read_text(encoding="utf8").splitlines() if not x.startswith("#")]

    @cached_property
    def _states(self) -> dict[str, int]:
        at = self._golden[0].index("states")
        return {cells[0].removeprefix("specs/scenarios/"): int(cells[at]) for cells in self._golden[1:]}

    def scenarios_to_run(self, rows: set[str]) -> list[str]:
        """The cheapest scenarios of ci/ found in which each of these rows fires: always the one with most rows for its states."""
        left = {row for row in rows if any(s.startswith("ci/") for s in self._firings.get(row, []))}
        chosen = []
        while left:
            gain = Counter(s for row in left for s in self._firings[row] if s.startswith("ci/"))
            best = min(gain, key=lambda s: (self._states.get(s, 1 << 40) / gain[s], s))
            chosen.append(best)
            left -= {row for row in left if best in self._firings[row]}
        return sorted(chosen)

    def place_of(self, row: str) -> str:
        """File and line of the model in which a row stands, or ""."""
        for file in sorted((self.root / "model").rglob("*.cpp")):
            text = file.read_text(encoding="utf8")
            at = text.find(f'"{row}"')
            if at >= 0:
                return f"{file.relative_to(self.root)}:{text.count(chr(10), 0, at) + 1}"
        return ""


def _row(entry: dict[str, str]) -> Row:
    path, _, symbol = entry["source"].rpartition(": ")
    return Row(entry["id"], entry["says"], path, symbol, " ".join(entry.get(key, "") for key in ("thread", "since", "until")))


def _row_blocks(text: str) -> list[tuple[str, str]]:
    """Ids of rows with the braces or brackets around each."""
    found = []
    for match in re.finditer(r'"((?:owner|raylet|scheduler|worker|gcs|rpc|object|fault)\.[\w.]+)"', text):
        depth, start = 0, match.start()
        while start > 0 and depth >= 0:
            start -= 1
            depth += (text[start] in ")}") - (text[start] in "({")
        depth, end = 0, start
        while end < len(text):
            depth += (text[end] in "({") - (text[end] in ")}")
            end += 1
            if depth == 0:
                break
        found.append((match.group(1), text[start:end]))
    return found


def _asked(text: str, bodies: dict[str, str], depth: int, seen: frozenset[str]) -> set[str]:
    found = set(re.findall(r"Safeguard::(k\w+)", text))
    if depth < _ASKED_DEPTH:
        for name in (set(re.findall(r"\b([a-z_]\w+)\b", text)) & set(bodies)) - seen:
            found |= _asked(bodies[name], bodies, depth + 1, seen | {name})
    return found
