"""Drift over Ray's history, commit by commit: what would have been flagged, against what a reader says matters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from raymc_drift.comparison import Citation, Comparison, whole
from raymc_drift.places import OK, DriftError
from raymc_drift.tools import git_text
from raymc_drift.trees import FOLDERS, GitTree, View, changed_paths

COLUMNS = "commit\tdate\tflagged\tmatters\trows\tcitations\tcalls\tnew\tsubject"


@dataclass
class Replayed:
    commit: str
    date: str
    subject: str
    comparison: Comparison
    matters: str = "-"
    """ "yes" or "no", if a reader has said."""

    @property
    def flagged(self) -> bool:
        """Something is to be read again: what rows or safeguards cite, or what a changed call may lead to."""
        return self.comparison.exit_code() != OK

    def line(self) -> str:
        cites = [f"{f.citation.symbol} {f.verdict}" for f in self.comparison.unread]
        calls = sorted({f"{c.symbol} in {c.caller} {c.how}" for c in self.comparison.calls})
        new = [f"{n.kind} {n.name}{' gone' if n.gone else ''}" for n in self.comparison.novelties]
        cells = ["; ".join(cites), "; ".join(calls), "; ".join(new)]
        return "\t".join(
            [
                self.commit[:10],
                self.date,
                "yes" if self.flagged else "no",
                self.matters,
                str(len(self.comparison.rows())),
                *(c or "-" for c in cells),
                self.subject,
            ]
        )


def judged(file: Path) -> dict[str, str]:
    """What a reader says of commits, by the first ten digits of each: a table of commit, "yes" or "no", and why."""
    try:
        lines = [line.split("\t") for line in file.read_text(encoding="utf8").splitlines() if line and not line.startswith(("#", "commit\t"))]
    except (OSError, UnicodeDecodeError) as error:
        raise DriftError(f"{file}: {error}") from None
    for line in lines:
        if len(line) != 3 or line[1] not in ("yes", "no") or len(line[0]) != 10:
            raise DriftError(f"{file}: {line[0]!r} is not ten digits, yes or no, and a reason")
    return {line[0]: line[1] for line in lines}


def figures(commits: list[Replayed]) -> str:
    """How well a replay did against what a reader says."""
    right = [c for c in commits if c.flagged and c.matters == "yes"]
    noise = [c for c in commits if c.flagged and c.matters != "yes"]
    missed = [c.commit[:10] for c in commits if not c.flagged and c.matters == "yes"]
    months = Counter(c.date[:7] for c in noise)
    worst = max(months.values(), default=0)
    return (
        f"# {len(commits)} commits; {len(right) + len(noise)} flagged; of {len(right) + len(missed)} that matter {len(right)} flagged, missed: "
        f"{', '.join(missed) or 'none'}; {len(noise)} flagged that do not matter, at most {worst} in one month"
    )


def replay(repository: Path, span: str, cites: list[Citation], says: dict[str, str]) -> Iterator[Replayed]:
    """Each first-parent commit of OLD..NEW that touches a folder with citations, oldest first, against its parent."""
    old, dots, new = span.partition("..")
    if not dots or not old or not new or span.startswith("-"):
        raise DriftError(f"{span!r} is not OLD..NEW")
    first, last = GitTree(repository, old).revision, GitTree(repository, new).revision
    listed = git_text(repository, "log", "--first-parent", "--reverse", "--format=%H%x09%cs%x09%s", f"{first}..{last}", "--", *FOLDERS)
    after: View | None = None
    for line in listed.splitlines():
        commit, date, subject = line.split("\t", 2)
        tree = GitTree(repository, commit)
        before = View(GitTree(repository, commit + "^"))
        after = View(tree)
        word = says.get(commit[:10], "no") if says else "-"
        yield Replayed(commit, date, subject, whole(cites, before, after, changed_paths(before.tree, tree, repository)), word)
