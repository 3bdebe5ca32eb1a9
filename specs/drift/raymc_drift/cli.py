"""The command line of `./raymc drift`."""

from __future__ import annotations

import argparse
import datetime
import os
import sys
from pathlib import Path
from typing import NoReturn

from raymc_drift import lock as locks
from raymc_drift import report
from raymc_drift.catalogue import Catalogue
from raymc_drift.comparison import Comparison, citations, compare_with_lock, held_by_lock, whole
from raymc_drift.patch import before_and_after
from raymc_drift.places import COMMAND_LINE, OK, READ_AGAIN, DriftError, lock_file, project_root
from raymc_drift.readings import Reader, accept
from raymc_drift.replay import COLUMNS, figures, judged, replay
from raymc_drift.tools import git_text, program
from raymc_drift.trees import GitTree, Tree, View, changed_paths, has_revision, open_tree, revision_of
from raymc_drift.wheels import compare_releases, open_release

_EPILOG = """RAY_TREE is a checkout of Ray, or a bare repository of it (its HEAD is taken).

examples:
  ./raymc drift ~/ray                             what changed in the cited code since the lock's revision
  ./raymc drift ~/ray --since origin/master       ... between a revision and the tree
  ./raymc drift ~/ray --diff pr.diff              ... in a diff that the tree has, or has not yet
  ./raymc drift ~/ray --format github             as annotations of a workflow
  ./raymc drift ~/ray --accept raylet.R45.drain_accepted --reader "A. Name"
  ./raymc drift ~/ray --repin                     ... and when nothing is unread, the model speaks of this revision
  ./raymc drift ~/ray --replay v1..v2             each commit of a span by itself, as a table
  ./raymc drift --wheels 2.59.0 2.60.0            what the cited functions call and say in the wheels of two releases: "differs" is a reason to look

exit codes: 0 nothing, or only what is cosmetic; 10 rows to read again; 11 a citation does not resolve; 64 command line; 65 no tree of Ray, or a bad
diff, revision, lock or wheel; 74 git, universal-ctags or what reads wheels is missing, a wheel cannot be fetched, or the lock cannot be written
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        print(f"raymc drift: {message}\nTry './raymc drift --help'.", file=sys.stderr)
        sys.exit(COMMAND_LINE)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="./raymc drift", description="Says what became of the Ray code that the model cites, and which rows, scenarios and findings hang on it.",
        epilog=_EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False,
    )  # fmt: skip
    parser.add_argument("tree", metavar="RAY_TREE", type=Path, nargs="?", help="a checkout or a bare repository of Ray")
    span = parser.add_mutually_exclusive_group()
    span.add_argument("--since", metavar="REV", help="compare with this revision instead of the lock's")
    span.add_argument("--diff", metavar="FILE", type=Path, help="compare the tree without and with a unified diff")
    span.add_argument("--replay", metavar="OLD..NEW", help="judge each commit of a span against its parent; prints a table")
    span.add_argument(
        "--accept", metavar="ROW", action="append", help="note in the lock that what a row or safeguard cites was read; may be repeated"
    )
    span.add_argument("--repin", action="store_true", help="move the lock's revision to the tree's, if nothing is unread there")
    span.add_argument(
        "--wheels",
        metavar=("OLD", "NEW"),
        nargs=2,
        help="compare two releases without a tree: wheels, folders with one, or versions, which are fetched",
    )
    parser.add_argument("--reader", metavar="NAME", help="who has read it")
    parser.add_argument("--pull-request", metavar="N", type=int, help="of Ray's: also say which safeguards the model has of it, and what they change")
    parser.add_argument("--judged", metavar="FILE", type=Path, help="of --replay: what a reader says of the commits; the table ends with figures")
    parser.add_argument("--format", choices=("text", "json", "github"), default="text", help="how the report is written (default %(default)s)")
    return parser


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    if bool(options.accept) != bool(options.reader):
        _parser().error("--accept and --reader go together")
    if options.judged and not options.replay:
        _parser().error("--judged belongs to --replay")
    if (options.tree is None) != bool(options.wheels):
        _parser().error("--wheels needs no RAY_TREE" if options.wheels else "RAY_TREE is missing")
    if options.pull_request is not None and (options.wheels or options.accept or options.repin or options.replay):
        _parser().error("--pull-request belongs to a comparison")
    if options.wheels and options.format == "github":
        _parser().error("--wheels has nothing to annotate: --format text or json")
    try:
        return _run(options)
    except DriftError as error:
        print(f"raymc drift: {error}" + (f"\n  hint: {error.hint}" if error.hint else ""), file=sys.stderr)
        return error.code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK


def _run(options: argparse.Namespace) -> int:
    program("ctags", "apt-get install universal-ctags")
    root = project_root()
    catalogue, lock = Catalogue(root), locks.load(lock_file(root))
    if options.wheels:
        return _wheels(options, catalogue, lock, root)
    tree, repository = open_tree(options.tree)
    if options.accept or options.repin:
        return _accept(options, catalogue, lock, tree, repository)
    if options.replay:
        return _replay(options, catalogue, lock, repository)
    comparison = _compare(options, catalogue, lock, tree, repository)
    number: int | None = options.pull_request
    if options.format == "json":
        sys.stdout.write(report.as_json(comparison, catalogue, number))
    else:
        write = {"text": report.text, "github": report.github}[options.format]
        sys.stdout.write(write(comparison, catalogue) + (report.pull_request(number, catalogue) if number and options.format == "text" else ""))
    sys.stdout.flush()
    return comparison.exit_code()


def _compare(options: argparse.Namespace, catalogue: Catalogue, lock: locks.Lock, tree: Tree, repository: Path | None) -> Comparison:
    cites = citations(catalogue, lock)
    if options.diff:
        old, new = before_and_after(tree, options.diff)
        return whole(cites, View(old), View(new), changed_paths(old, new, repository))
    if options.since is None and not has_revision(repository, lock.revision):
        return Comparison(f"the lock, {lock.revision}", tree.name, compare_with_lock(cites, View(tree)))
    if repository is None:
        raise DriftError(f"{options.tree} is no git repository, and --since needs one")
    before, after = View(GitTree(repository, lock.revision if options.since is None else options.since)), View(tree)
    comparison = whole(cites, before, after, changed_paths(before.tree, tree, repository))
    if options.since is None:
        comparison.findings = held_by_lock(comparison.findings, after)
    return comparison


def _wheels(options: argparse.Namespace, catalogue: Catalogue, lock: locks.Lock, root: Path) -> int:
    cites = citations(catalogue, lock)
    old, new = (open_release(what, root, cites) for what in options.wheels)
    comparison = compare_releases(cites, old, new)
    write = {"text": report.wheel_text, "json": report.wheel_json}[options.format]
    sys.stdout.write(write(comparison, catalogue))
    sys.stdout.flush()
    return comparison.exit_code()


def _replay(options: argparse.Namespace, catalogue: Catalogue, lock: locks.Lock, repository: Path | None) -> int:
    if repository is None:
        raise DriftError("--replay needs a git repository")
    says = judged(options.judged) if options.judged else {}
    print(COLUMNS, flush=True)
    seen = []
    for commit in replay(repository, options.replay, citations(catalogue, lock), says):
        print(commit.line(), flush=True)
        seen.append(commit)
    if says:
        print(figures(seen))
    return READ_AGAIN if any(commit.flagged for commit in seen) else OK


def _accept(options: argparse.Namespace, catalogue: Catalogue, lock: locks.Lock, tree: Tree, repository: Path | None) -> int:
    revision = revision_of(repository)
    if repository is None or revision is None:
        raise DriftError(f"{options.tree} is no git repository, and a reading is one of a revision")
    committed = GitTree(repository, revision)
    view = View(committed)
    date = git_text(repository, "show", "-s", "--format=%cs", revision).strip()
    before = View(GitTree(repository, lock.revision)) if has_revision(repository, lock.revision) else None
    reading = accept(catalogue, lock, before, view, Reader(options.reader or "", datetime.date.today(), revision, date), options.accept or [])
    locks.write(lock, lock_file(project_root()))
    for what, names in (("read", reading.accepted), ("dropped, as nothing cites it", reading.dropped), ("unread", reading.unread)):
        for name in names:
            print(f"{what}: {name}")
    print(f"the lock's revision is now {lock.revision}" if reading.moved else f"the lock's revision is {lock.revision}")
    return READ_AGAIN if reading.unread else OK
