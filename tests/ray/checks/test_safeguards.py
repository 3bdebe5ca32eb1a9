"""The other side: schedules that would break Ray without one of its safeguards."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

pytest.importorskip("h2")

from checks.traces import needs_raymc, trace_of
from conduct import safeguards, stood
from conduct.conductor import refuse_steps
from conduct.outcome import Conducted, Try, Verdict
from conduct.run import conduct
from conduct.safeguards import Schedule


def _schedule(safeguard: str, defect: str, folder: Path) -> Schedule:
    trace_of(defect, folder)
    return next(safeguards.schedules(safeguard, folder))


@needs_raymc
def test_a_schedule_goes_on_to_what_the_safeguarded_protocol_does_instead(tmp_path: Path) -> None:
    broken = trace_of("lease_retry_grants_twice", tmp_path)
    schedule = _schedule("lease_request_identity", "lease_retry_grants_twice", tmp_path)
    assert schedule.trace.acts == 6
    assert len(schedule.trace.steps) == schedule.trace.leaves < len(broken.steps)
    same, last = schedule.trace.steps[:-1], schedule.trace.steps[-1]
    assert [step.action for step in same] == [step.action for step in broken.steps[: len(same)]]
    assert last.action != broken.steps[len(same)].action and last.rule == "raylet.R1.already_leased"
    assert schedule.trace.breaks == "I13.resources_return"
    refuse_steps(schedule.trace)


@needs_raymc
def test_what_is_known_is_asked_of_the_model_for_each_safeguard_that_ray_has(tmp_path: Path) -> None:
    known = safeguards.safeguards()
    assert len(known) > 50 and "lease_request_identity" in known and "grant_checks_worker" not in known
    # No scenario of defects/ is about this one: it is missed first in a scenario of ci/.
    schedule = next(safeguards.schedules("queued_requests_are_recognised", tmp_path))
    assert schedule.trace.name == "duplicate_request" and schedule.trace.steps[-1].rule == "raylet.R3.already_queued" and not schedule.own


@needs_raymc
def test_the_table_of_what_stood(tmp_path: Path) -> None:
    schedule = _schedule("lease_request_identity", "lease_retry_grants_twice", tmp_path)
    good = Try(Verdict.STANDS, 6, "the raylet repeats the answer;\tt1: value", 15.4)
    other = Try(Verdict.ANOTHER_WAY, 3, "granted", 20.0)
    row = stood.row(schedule, Conducted(schedule.trace, (other, good)), "1")
    assert (row.tries, row.stood, row.seconds, row.acts) == (2, 1, 20, 6)
    assert row.reason == "stands at step 6: the raylet repeats the answer; t1: value"
    assert stood.row(schedule, Conducted(schedule.trace, (other,)), "2").reason == "went another way at step 3: granted"
    path = tmp_path / "stands.tsv"
    rows = {(row.safeguard, row.release): row}
    stood.write(path, rows)
    assert stood.read(path) == rows


@pytest.mark.ray
@pytest.mark.long
@needs_raymc
def test_ray_stands(tmp_path: Path) -> None:
    """The reply that grants a lease is lost and the request comes again: without its identity a second worker would be leased."""
    schedule = _schedule("lease_request_identity", "lease_retry_grants_twice", tmp_path)
    done = asyncio.run(conduct(schedule.trace, tries=1, stands=True))
    assert done.verdict is Verdict.STANDS, done.tries
    assert "all CPUs come back" in done.tries[0].words
