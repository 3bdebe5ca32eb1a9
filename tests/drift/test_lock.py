"""Readings, the lock that holds them, and when its revision moves."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import NODE_MANAGER, SERVER, Drift, Ray
from raymc_drift import lock as locks


def _lock(project: Path) -> locks.Lock:
    return locks.load(project / "model/sources.toml")


def test_a_reading_is_noted_and_the_revision_moves_when_nothing_is_unread(drift: Drift, ray: Ray, project: Path) -> None:
    first = _lock(project).revision
    ray.edit(NODE_MANAGER, "!resources_.IsIdle()", "resources_.IsIdle()")
    ray.edit(SERVER, "  Load();", "  if (durable_) Load();")
    second = ray.commit()
    assert drift().code == 10
    ran = drift("--accept", "raylet.R45.drain", "--reader", "Jane Doe")
    assert ran.code == 10
    assert f"unread: {SERVER}: GcsServer::Start" in ran.out
    entry = _lock(project).entry(NODE_MANAGER, "HandleDrainRaylet")
    assert entry is not None
    assert (entry.reader, entry.at, _lock(project).revision) == ("Jane Doe", second, first)
    ran = drift("--format", "json")
    assert ran.json["rows"] == ["gcs.G16.opens"]
    ran = drift("--accept", "gcs.G16.opens", "--reader", "Jane Doe")
    assert ran.code == 0
    assert f"the lock's revision is now {second}" in ran.out
    assert (_lock(project).revision, {e.at for e in _lock(project).entries}) == (second, {""})
    assert drift().code == 0


def test_what_is_cosmetic_is_taken_over_by_a_reading_of_the_row(drift: Drift, ray: Ray, project: Path) -> None:
    """A change that only two texts side by side show to be nothing leaves other hashes: it needs a word of somebody."""
    ray.edit(NODE_MANAGER, "ReleaseWorker(worker);", "ReleaseWorker(worker, lease_id);")
    ray.commit()
    assert drift().code == 0
    ran = drift("--accept", "raylet.R45.drain", "--reader", "B")
    assert "unread" not in ran.out, "it moves all the same"
    assert drift().code == 0


def test_a_row_that_nobody_has_read(drift: Drift, project: Path) -> None:
    lock = _lock(project)
    lock.entries = [e for e in lock.entries if e.path != SERVER]
    locks.write(lock, project / "model/sources.toml")
    ran = drift()
    assert ran.code == 10
    assert "unread" in ran.out and "row gcs.G16.opens" in ran.out
    assert drift("--accept", "gcs.G16.opens", "--reader", "B").code == 0
    assert drift().code == 0


def test_a_lock_that_was_written_by_hand(drift: Drift, project: Path) -> None:
    """A hash that is not that of the pinned text is no reading."""
    file = project / "model/sources.toml"
    entry = _lock(project).entry(SERVER, "Start")
    assert entry is not None
    file.write_text(file.read_text().replace(entry.body, "0123456789abcdef"))
    ran = drift()
    assert ran.code == 10
    assert "not the text that the lock says was read" in ran.out


def test_what_decides_a_row_besides(drift: Drift, ray: Ray, project: Path) -> None:
    """`also` makes a citation of another row's, and of a safeguard's."""
    lock = _lock(project)
    entry = lock.entry(SERVER, "Start")
    assert entry is not None
    lock.put(locks.replace(entry, also=("drain_reads_store", "raylet.R45.drain")))
    locks.write(lock, project / "model/sources.toml")
    assert drift().code == 0
    ray.edit(SERVER, "  Load();", "  if (durable_) Load();")
    ran = drift("--format", "json")
    assert ran.json["rows"] == ["gcs.G16.opens", "raylet.R45.drain"]
    assert [s["id"] for s in ran.json["safeguards"]] == ["drain_reads_store"]  # type: ignore[attr-defined]


def test_symbols_that_nothing_cites_go(drift: Drift, project: Path) -> None:
    lock = _lock(project)
    lock.put(locks.Entry(SERVER, "GcsServer::Stop", "0" * 16, "0" * 16))
    locks.write(lock, project / "model/sources.toml")
    ran = drift("--accept", "gcs.G16.opens", "--reader", "B")
    assert f"dropped, as nothing cites it: {SERVER}: GcsServer::Stop" in ran.out
    assert _lock(project).entry(SERVER, "Stop") is None


def test_a_row_that_is_not_there(drift: Drift) -> None:
    ran = drift("--accept", "raylet.R99.nothing", "--reader", "B")
    assert ran.code == 65
    assert "no row or safeguard" in ran.err


def test_a_reading_is_one_of_a_commit(drift: Drift, ray: Ray, project: Path) -> None:
    """What stands in the work tree only was read by nobody else: it is passed over."""
    ray.edit(NODE_MANAGER, "!resources_.IsIdle()", "resources_.IsIdle()")
    assert drift("--accept", "raylet.R45.drain", "--reader", "B").code == 0
    assert drift().code == 10


def test_a_citation_that_means_two(drift: Drift, ray: Ray, project: Path) -> None:
    text = (ray.folder / SERVER).read_text()
    ray.write(SERVER, text.replace("}  // namespace ray", "void Client::Start() {\n  Load();\n}\n}  // namespace ray"))
    ray.commit()
    lock = _lock(project)
    lock.entries = [e for e in lock.entries if e.path != SERVER]
    locks.write(lock, project / "model/sources.toml")
    ran = drift("--accept", "gcs.G16.opens", "--reader", "B")
    assert ran.code == 11
    assert "could be Client::Start, GcsServer::Start" in ran.err
    assert "write the class" in ran.err


def test_the_class_of_the_lock_decides(drift: Drift, ray: Ray) -> None:
    """The lock has the class, so that a second function of the name does not matter."""
    text = (ray.folder / SERVER).read_text()
    ray.write(SERVER, text.replace("}  // namespace ray", "void Client::Start() {\n  Load();\n}\n}  // namespace ray"))
    assert drift().code == 0


def test_the_file_is_the_same_after_reading_and_writing(project: Path) -> None:
    file = project / "model/sources.toml"
    assert locks.dump(locks.load(file)) == file.read_text()


@pytest.mark.parametrize("reader", ['a"b', "a\nb", "a\\b", "\x1b[31m"])
def test_a_reader_that_would_break_the_file(drift: Drift, project: Path, reader: str) -> None:
    before = (project / "model/sources.toml").read_text()
    assert drift("--accept", "gcs.G16.opens", "--reader", reader).code == 65
    assert (project / "model/sources.toml").read_text() == before


def test_a_lock_that_cannot_be_written(drift: Drift, project: Path) -> None:
    (project / "model/sources.toml.new").mkdir()
    ran = drift("--accept", "gcs.G16.opens", "--reader", "B")
    assert ran.code == 74
    assert "cannot write" in ran.err
