"""A comparison as text, as JSON, and as annotations of a GitHub workflow; and one of two wheels as text and as JSON."""

from __future__ import annotations

import json
from collections import Counter

from raymc_drift.catalogue import Catalogue
from raymc_drift.comparison import Comparison, Finding
from raymc_drift.judge import Verdict
from raymc_drift.wheels import Difference, Seen, WheelComparison

_SILENT = (Verdict.SAME, Verdict.COSMETIC)
_LEVEL = {Verdict.GONE: "error", Verdict.CHANGED: "warning", Verdict.UNREAD: "warning"}
_SCENARIOS_SHOWN = 8


def hanging(comparison: Comparison | WheelComparison, catalogue: Catalogue) -> tuple[list[tuple[str, str, list[str]]], list[str], list[str]]:
    """Safeguards (id, claim, scenarios that name it) of the rows to read again, findings of those scenarios, and scenarios of ci/ to run."""
    rows = set(comparison.rows())
    cited = {i for f in comparison.unread for i in f.citation.safeguards}
    guards = [(s.id, s.says, s.scenarios) for s in catalogue.safeguards.values() if s.rows & rows or s.id in cited] if rows or cited else []
    scenarios = {name for _, _, names in guards for name in names}
    findings = [about for about, names in catalogue.findings if scenarios & set(names)]
    return guards, findings, catalogue.scenarios_to_run(rows)


def text(comparison: Comparison, catalogue: Catalogue) -> str:
    lines = [f"from {comparison.old}", f"to   {comparison.new}", ""]
    says = {row.id: row.says for row in catalogue.rows}
    shown = sorted((f for f in comparison.findings if f.verdict not in _SILENT), key=lambda f: (list(Verdict).index(f.verdict), f.path, f.line))
    for finding in shown:
        lines.append(f"{finding.verdict:<10}{finding.citation.path}: {finding.citation.symbol}  {finding.detail}")
        if finding.verdict in (Verdict.MOVED, Verdict.RENAMED) or finding.path != finding.citation.path:
            lines += [f"          its citation is to be mended: {place}" for row in finding.citation.rows if (place := catalogue.place_of(row))]
        lines += [f"          row {row}: {says.get(row, '')}" for row in finding.citation.rows if finding in comparison.unread]
        lines += [f"          safeguard {name}" for name in finding.citation.safeguards if finding in comparison.unread]
    for call in comparison.calls:
        lines.append(f"call      {call.path}:{call.line}: {call.caller} calls {call.symbol}: {call.how}")
        lines += [f"          row {row}: {says.get(row, '')}" for row in call.rows]
    if shown or comparison.calls:
        lines.append("")
    lines += [_counts(comparison, catalogue), *_hanging_lines(comparison, catalogue)]
    for novelty in comparison.novelties:
        lines.append(f"not in the model: {novelty.kind} {novelty.name}{' is gone' if novelty.gone else ''} ({novelty.path}:{novelty.line})")
    return "\n".join(lines) + "\n"


def _counts(comparison: Comparison, catalogue: Catalogue) -> str:
    tally = Counter(f.verdict for f in comparison.findings)
    verdicts = "  ".join(f"{verdict} {tally[verdict]}" for verdict in Verdict if tally[verdict])
    return f"citations: {len(comparison.findings)}  {verdicts}\nrows to read again: {len(comparison.rows())} of {len(catalogue.rows)}"


def _hanging_lines(comparison: Comparison | WheelComparison, catalogue: Catalogue) -> list[str]:
    guards, findings, scenarios = hanging(comparison, catalogue)
    lines = []
    for name, says, named in guards:
        more = f", and {len(named) - _SCENARIOS_SHOWN} more" if len(named) > _SCENARIOS_SHOWN else ""
        lines.append(f"safeguard {name}: {says}" + (f" ({', '.join(named[:_SCENARIOS_SHOWN])}{more})" if named else ""))
    lines += [f"finding: {about}" for about in findings]
    if scenarios:
        lines.append("run: ./raymc check " + " ".join(f"specs/scenarios/{name}" for name in scenarios))
    return lines


def pull_request(number: int, catalogue: Catalogue) -> str:
    """What the model knows of a pull request: the safeguards that stand for it, and what its scenarios say without and with each."""
    lines = []
    for guard in catalogue.of_pull_request(number):
        lines.append(f"this pull request is the safeguard {guard.id}: {guard.says}")
        for kept in catalogue.kept(guard.id):
            more = [name for name in kept.held_by if name != guard.id]
            lines.append(f"          {kept.scenario}: {kept.answer}; holds with {' and '.join(['it', *more])}")
        lines.append(f"          try it: ./raymc check SCENARIO --set {guard.id}=on")
    return "".join(line + "\n" for line in lines)


def as_json(comparison: Comparison, catalogue: Catalogue, number: int | None = None) -> str:
    guards, findings, scenarios = hanging(comparison, catalogue)
    table = {
        "from": comparison.old,
        "to": comparison.new,
        "exit": comparison.exit_code(),
        "citations": [
            {
                "file": f.citation.path, "symbol": f.citation.symbol, "verdict": f.verdict.value, "detail": f.detail, "now": f.path, "line": f.line,
                "rows": list(f.citation.rows), "safeguards": list(f.citation.safeguards),
            }
            for f in comparison.findings
        ],
        "calls": [
            {"symbol": c.symbol, "caller": c.caller, "how": c.how, "file": c.path, "line": c.line, "rows": list(c.rows)} for c in comparison.calls
        ],
        "not_in_the_model": [{"kind": n.kind, "name": n.name, "file": n.path, "line": n.line, "gone": n.gone} for n in comparison.novelties],
        "rows": comparison.rows(),
        "safeguards": [{"id": name, "says": says, "scenarios": named} for name, says, named in guards],
        "findings": findings,
        "run": [f"specs/scenarios/{name}" for name in scenarios],
        "of_pull_request": [guard.id for guard in catalogue.of_pull_request(number)] if number else [],
    }  # fmt: skip
    return json.dumps(table, indent=1, ensure_ascii=False) + "\n"


def github(comparison: Comparison, catalogue: Catalogue) -> str:
    """An annotation for each citation to be read again, at the first line that differs, and for each changed call; then a notice with the rest."""
    lines = []
    for finding in comparison.findings:
        level = _LEVEL.get(finding.verdict)
        if level:
            lines.append(_annotation(level, finding.path, finding.line, f"raymc: {finding.citation.symbol} {finding.verdict}", _rows_of(finding)))
    for call in comparison.calls:
        message = f"{call.caller} calls {call.symbol}: {call.how}. Rows of raymc's model: {', '.join(call.rows)}"
        lines.append(_annotation("notice", call.path, call.line, "raymc: a changed call", message))
    for novelty in comparison.novelties:
        what = f"{novelty.kind} {novelty.name}{' is gone' if novelty.gone else ''}"
        lines.append(_annotation("notice", novelty.path, novelty.line, "raymc: not in the model", what))
    rest = "\n".join(_hanging_lines(comparison, catalogue))
    if rest:
        lines.append(f"::notice title={_property('raymc: what hangs on it')}::{_data(rest)}")
    return "".join(line + "\n" for line in lines)


def _rows_of(finding: Finding) -> str:
    rows = ", ".join((*finding.citation.rows, *finding.citation.safeguards))
    return f"{finding.detail}. Rows of raymc's model to read again: {rows}"


def _annotation(level: str, path: str, line: int, title: str, message: str) -> str:
    return f"::{level} file={_property(path)},line={line},title={_property(title)}::{_data(message)}"


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


def wheel_text(comparison: WheelComparison, catalogue: Catalogue) -> str:
    lines = [f"from {comparison.old}", f"to   {comparison.new}", ""]
    says = {row.id: row.says for row in catalogue.rows}
    for found in sorted((d for d in comparison.differences if d.seen != Seen.ALIKE), key=lambda d: (list(Seen).index(d.seen), d.citation.path)):
        size = f"  {found.sizes[0]} -> {found.sizes[1]} bytes" if any(found.sizes) else ""
        lines.append(f"{found.seen:<10}{found.citation.path}: {found.citation.symbol}{size}{'  ' + found.detail if found.detail else ''}")
        for mark, what in _told(found):
            lines += [f"          {mark} {_one_line(item)}" for item in what]
        if found in comparison.unread:
            lines += [f"          row {row}: {says.get(row, '')}" for row in found.citation.rows]
            lines += [f"          safeguard {name}" for name in found.citation.safeguards]
    tally = Counter(d.seen for d in comparison.differences)
    lines += ["", f"citations: {len(comparison.differences)}  " + "  ".join(f"{seen} {tally[seen]}" for seen in Seen if tally[seen])]
    lines += [f"rows to look at: {len(comparison.rows())} of {len(catalogue.rows)}", *_hanging_lines(comparison, catalogue)]
    lines += [f"not in the older wheel: {name}" for name in comparison.new_handlers]
    lines += [f"not in the newer wheel: {name}" for name in comparison.lost_handlers]
    lines.append("alike means that no difference is seen: conditions, numbers and virtual calls are not seen in a wheel")
    return "\n".join(lines) + "\n"


def _told(found: Difference) -> list[tuple[str, tuple[str, ...]]]:
    return [("-call", found.lost_calls), ("+call", found.new_calls), ("-text", found.lost_texts), ("+text", found.new_texts)]


def _one_line(item: str) -> str:
    return item.replace("\n", "\\n").replace("\t", "\\t")


def wheel_json(comparison: WheelComparison, catalogue: Catalogue) -> str:
    guards, findings, scenarios = hanging(comparison, catalogue)
    table = {
        "from": comparison.old,
        "to": comparison.new,
        "exit": comparison.exit_code(),
        "citations": [
            {
                "file": d.citation.path, "symbol": d.citation.symbol, "seen": d.seen.value, "detail": d.detail, "bytes": list(d.sizes),
                **{mark: list(what) for mark, what in _told(d)},
                "rows": list(d.citation.rows), "safeguards": list(d.citation.safeguards),
            }
            for d in comparison.differences
        ],
        "handlers": {"new": comparison.new_handlers, "lost": comparison.lost_handlers},
        "rows": comparison.rows(),
        "safeguards": [{"id": name, "says": says, "scenarios": named} for name, says, named in guards],
        "findings": findings,
        "run": [f"specs/scenarios/{name}" for name in scenarios],
    }  # fmt: skip
    return json.dumps(table, indent=1, ensure_ascii=False) + "\n"
