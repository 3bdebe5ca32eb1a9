"""The project's own lock and rows, and the rules for this package."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import PACKAGE
from raymc_drift import lock as locks
from raymc_drift.catalogue import Catalogue
from raymc_drift.comparison import citations
from raymc_drift.readings import prune
from raymc_drift.tokens import lex, plain, texts

ROOT = PACKAGE.parents[1]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return Catalogue(ROOT)


@pytest.fixture(scope="module")
def lock() -> locks.Lock:
    return locks.load(ROOT / "model/sources.toml")


def test_every_row_was_read(catalogue: Catalogue, lock: locks.Lock) -> None:
    for citation in citations(catalogue, lock):
        assert citation.entry is not None and citation.entry.body and citation.entry.read, citation


def test_the_lock_holds_nothing_else(catalogue: Catalogue, lock: locks.Lock) -> None:
    assert prune(catalogue, lock) == []


def test_what_is_decided_besides_is_known(catalogue: Catalogue, lock: locks.Lock) -> None:
    known = {row.id for row in catalogue.rows} | set(catalogue.safeguards)
    assert {i for e in lock.entries for i in e.also} - known == set()


def test_the_file_is_as_drift_writes_it(lock: locks.Lock) -> None:
    assert locks.dump(lock) == (ROOT / "model/sources.toml").read_text(encoding="utf8")


def test_rows_have_a_place_in_the_model(catalogue: Catalogue) -> None:
    for row in catalogue.rows:
        assert catalogue.place_of(row.id), row


def test_most_safeguards_are_asked_by_rows(catalogue: Catalogue) -> None:
    """Found in the model's text. Some are asked by what many rows share, and are found by no row's own text."""
    assert catalogue.safeguards["failed_starts_are_counted"].says.endswith("times and once more"), "a claim of two literals"
    asked = [s for s in catalogue.safeguards.values() if s.rows]
    assert len(catalogue.safeguards) > 100
    assert len(asked) > 0.75 * len(catalogue.safeguards)


def test_findings_have_scenarios_that_exist(catalogue: Catalogue) -> None:
    assert len(catalogue.findings) > 30
    for _, scenarios in catalogue.findings:
        for name in scenarios:
            assert (ROOT / "specs/scenarios" / name).exists(), name


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ('RAY_LOG(INFO) << f(x) << "a"; g();', "g ( ) ;"),
        ('RAY_CHECK(x) << "a";', "RAY_CHECK ( x ) ;"),
        ("f(std::move(x), std::forward<T>(y));", "f ( x , y ) ;"),
        ("if (a) { gauge_.Record(1); } else if (b) { } else { count_.Record(2); } g();", "g ( ) ;"),
        ("if (a) { } else { g(); }", "if ( a ) { } else { g ( ) ; }"),
        ("int n = queue.Size(); g();", "g ( ) ;"),
        ("int n = Take(); g();", "int n = Take ( ) ; g ( ) ;"),
        ("int n = queue.Size(); g(n);", "int n = queue . Size ( ) ; g ( n ) ;"),
        ("if (t.IsActorTask()) { f(); } else { g(); }", "g ( ) ;"),
        ("if (!o.is_local_mode && b) { f(); }", "if ( b ) { f ( ) ; }"),
        ("if (b && !o.is_local_mode) { f(); }", "if ( b ) { f ( ) ; }"),
        ("if (!t.IsActorTask()) { f(); } else { g(); }", "f ( ) ;"),
        ("if (t.IsActorTask() || b) { f(); }", "if ( t . IsActorTask ( ) || b ) { f ( ) ; }"),
        ('a("x" "y");', 'a ( "xy" ) ;'),
        ("a /* b */ + c // d\n;", "a + c ;"),
    ],
)
def test_what_counts(text: str, left: str) -> None:
    assert " ".join(texts(plain(lex(text)))) == left


def test_the_types_are_right() -> None:
    pytest.importorskip("mypy")
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--cache-dir", os.devnull, "--config-file", "pyproject.toml"],
        cwd=PACKAGE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout


def test_the_linter_has_nothing_to_say() -> None:
    pytest.importorskip("ruff")
    for what in (["check"], ["format", "--check"]):
        command = [
            sys.executable,
            "-m",
            "ruff",
            *what,
            "--no-cache",
            "--config",
            str(PACKAGE / "pyproject.toml"),
            str(PACKAGE),
            str(Path(__file__).parent),
        ]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
