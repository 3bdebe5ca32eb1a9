"""Twenty small clusters in a row leave nothing behind. By command only: ./raymc ray test -m soak -n 0"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from raymc_ray import plan, processes
from raymc_ray.record import record


@pytest.mark.ray
@pytest.mark.soak
def test_twenty_clusters_leave_no_process_and_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Path(tempfile.mkdtemp(prefix="rmt-", dir="/tmp"))
    monkeypatch.setattr("tempfile.tempdir", str(place))
    for index in range(20):
        faults = (plan.Fault("kill_raylet", 1, plan.Trigger("start")),) if index % 2 else ()
        driver = plan.Driver((plan.Submit(plan.Task("t0")),))
        recorded = record(plan.Plan("soak", 1, index, (plan.Node(), plan.Node()), (driver,), faults), tmp_path)
        assert recorded.problems == []
        assert list(place.iterdir()) == []
        assert not [pid for pid in processes.all_pids() if f"{place}/".encode() in _environment(pid)]
    place.rmdir()


def _environment(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return b""
