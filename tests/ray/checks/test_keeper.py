"""Whatever happens to the parent, no process and no file of a session is left. Without Ray: with programs that are as unruly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from raymc_ray import events, processes
from raymc_ray.keeping import Kept

ROOT = Path(__file__).resolve().parent.parent

# Leaves behind: an orphan in a session of its own, one that hides its environment, and one that ignores every signal that can be ignored.
_UNRULY = textwrap.dedent(
    """
    import os, signal, subprocess, sys, time
    subprocess.Popen([sys.executable, "-c", "import os, time; os.setsid(); os.fork() and os._exit(0); time.sleep(600)"])
    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], env={}, start_new_session=True)
    subprocess.Popen([sys.executable, "-c", "import signal, time; [signal.signal(n, signal.SIG_IGN) for n in (1, 2, 15)]; time.sleep(600)"])
    open(os.path.join(os.environ["RAYMC_RAY_FOLDER"], "ready"), "w").close()
    """
)
_PARENT = textwrap.dedent(
    """
    import os, sys
    from raymc_ray.keeping import Kept
    with Kept() as kept:
        print(kept.folder, flush=True)
        kept.start([sys.executable, "-c", sys.argv[1]], dict(os.environ)).wait()
    """
)


def _no_process_of(folder: Path) -> bool:
    return not [pid for pid in processes.all_pids() if processes.marked(pid, folder)]


def _descendants(pid: int) -> list[int]:
    found = processes.children(pid)
    for child in list(found):
        found += _descendants(child)
    return found


def test_an_orderly_end_leaves_nothing() -> None:
    with Kept() as kept:
        before = set(_descendants(os.getpid()))
        assert kept.start([sys.executable, "-c", _UNRULY], dict(os.environ)).wait() == 0
        assert (kept.folder / "ready").exists()
        keeper = set(_descendants(os.getpid())) - before
        assert len(keeper) == 1, "the keeper has ended all others"
    assert not kept.folder.exists()
    assert _no_process_of(kept.folder)
    assert set(_descendants(os.getpid())) == before


def test_the_status_of_the_command_comes_through() -> None:
    for status in (0, 3, 70):
        with Kept() as kept:
            assert kept.start([sys.executable, "-c", f"raise SystemExit({status})"], dict(os.environ)).wait() == status


def test_a_signal_is_a_negative_status() -> None:
    with Kept() as kept:
        assert kept.start([sys.executable, "-c", "import os; os.abort()"], dict(os.environ)).wait() == -signal.SIGABRT


def _start_parent() -> tuple[subprocess.Popen[str], Path]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    running = _UNRULY + "\ntime.sleep(600)\n"
    parent = subprocess.Popen([sys.executable, "-c", _PARENT, running], env=environment, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    folder = Path(parent.stdout.readline().strip())
    assert events.until((folder / "ready").exists, 20)
    return parent, folder


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_parent_that_is_ended_leaves_nothing(number: signal.Signals) -> None:
    parent, folder = _start_parent()
    # The keeper, the command and its three children; one of them forks a moment later.
    assert events.until(lambda: len(_descendants(parent.pid)) >= 5, 20)
    family = _descendants(parent.pid)
    parent.send_signal(number)
    parent.wait(20)
    assert events.until(lambda: not folder.exists() and _no_process_of(folder), 20)
    assert events.until(lambda: not [pid for pid in family if _lives(pid)], 20)


def _lives(pid: int) -> bool:
    known = processes.stat(pid)
    return known is not None and known[0] != "Z"


def test_a_killed_keeper_is_noticed_and_its_processes_are_ended() -> None:
    with pytest.raises(RuntimeError, match="keeper was killed"), Kept() as kept:
        kept.start([sys.executable, "-c", _UNRULY + "\ntime.sleep(600)\n"], dict(os.environ))
        assert events.until((kept.folder / "ready").exists, 20)
        keeper = next(pid for pid in processes.children(os.getpid()) if b"raymc_ray.keeper" in Path(f"/proc/{pid}/cmdline").read_bytes())
        os.kill(keeper, signal.SIGKILL)
        kept.wait()
    assert not kept.folder.exists()
    assert _no_process_of(kept.folder)


def test_the_folder_is_short_enough_for_sockets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    long = tmp_path / ("x" * 60)
    long.mkdir()
    monkeypatch.setenv("TMPDIR", str(long))
    monkeypatch.setattr("tempfile.tempdir", None)
    with Kept() as kept:
        socket = kept.folder / "ray/session_2026-01-01_00-00-00_000000_1234567/sockets/plasma_store.12"
        assert len(str(socket)) <= 107


def test_no_foreign_process_is_signalled() -> None:
    """A pid that is not of the session is left alone, even if somebody lists it."""
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        assert not processes.send(other.pid, signal.SIGKILL, Path("/nowhere"))
        time.sleep(0.05)
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()
