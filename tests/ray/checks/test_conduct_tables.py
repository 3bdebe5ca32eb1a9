"""The tables of conduct say something about every rule and property that there is, and nothing about others."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from datetime import date
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("h2")

from checks.traces import PROGRAM, needs_raymc, trace_of
from conduct import command, executed, looks, tables
from conduct.conductor import refuse, refuse_release
from conduct.outcome import Conducted, NotConductible, NotInRelease, Try, Verdict
from conduct.scene import delayed_writes, gcs_stays_down, make, sets_off, task
from conduct.trace import Step, Trace, Unusable, load
from conduct.verbs import verbs
from conduct.writes import unwritten
from raymc_ray.places import BAD_FILE, PROJECT_ROOT
from report import command as report


def _listed(what: str) -> list[str]:
    answer = subprocess.run([PROGRAM, "list", what], capture_output=True, text=True, check=True)
    return [line.split()[0] for line in answer.stdout.splitlines() if line.strip()]


@needs_raymc
def test_there_is_a_row_for_every_rule() -> None:
    assert list(tables.rules()) == _listed("transitions")


@needs_raymc
def test_there_is_a_row_for_every_property() -> None:
    assert list(tables.looks()) == _listed("properties")


def test_every_word_is_known() -> None:
    means = {row.means for row in tables.rules().values() if not row.reason}
    assert means <= verbs()
    assert verbs() - means <= {"lose_poll"} | _HELPERS, "a verb that no rule uses"
    assert {row.shown_by for row in tables.rules().values()} <= {"-", "sent", "started", "returned", "gone", "dead", "decided", "posted", "lent"}
    assert set(tables.looks().values()) - {"none"} <= set(looks.known())
    assert {row.form for row in tables.carriers().values()} == {"call", "round", "poll", "notice", "-"}


# What verbs are made of.
_HELPERS = {"wait", "kill", "take_node"}


def test_no_row_is_of_a_single_finding() -> None:
    """No scenario's name is anywhere in the package: a trace that was written a minute ago is conducted like a shipped one."""
    names = [path.stem for folder in ("defects", "hangs", "variants") for path in (PROJECT_ROOT / "specs" / "scenarios" / folder).glob("*.toml")]
    assert len(names) > 100
    here = Path(__file__).parent.parent
    for path in [*(here / "conduct").iterdir(), *(here / "explore").iterdir(), *(here / "report").iterdir()]:
        if path.is_file():
            text = path.read_text()
            assert not [name for name in names if re.search(rf"\b{name}\b", text)], path.name


@needs_raymc
def test_what_no_verb_reaches_is_said_before_anything_runs(tmp_path: Path) -> None:
    trace = trace_of("failed_start_is_waited_for", tmp_path)
    with pytest.raises(NotConductible, match="W2.start_fails") as refused:
        refuse(trace)
    assert refused.value.step == next(step.number for step in trace.steps if "W2" in step.rule)


@needs_raymc
@needs_raymc
def test_a_schedule_that_violates_nothing_is_followed_and_is_no_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scenario = PROJECT_ROOT / "specs" / "scenarios" / "defects" / "c10_hung_raylet_is_waited_for.toml"
    saved = tmp_path / "by_hand.json"
    subprocess.run([PROGRAM, "explore", scenario], input=f"1\nsave {saved}\n", text=True, capture_output=True, check=True, cwd=PROJECT_ROOT)
    by_hand = load(saved)
    assert by_hand.breaks == ""
    refuse(by_hand)  # nothing has to be seen from outside
    followed = Conducted(by_hand, (Try(Verdict.FOLLOWED, 0, "all 1 steps", 1.0), Try(Verdict.ANOTHER_WAY, 1, "no", 1.0)))
    assert followed.verdict is Verdict.FOLLOWED and followed.happened == 1
    assert report.command(report.Wanted(saved, None, 0)) == BAD_FILE
    assert "violates nothing" in capsys.readouterr().err


def test_a_fix_is_one_of_the_registry() -> None:
    answer = subprocess.run([PROGRAM, "list", "safeguards"], capture_output=True, text=True, check=True)
    lacking = {line.split()[0] for line in answer.stdout.splitlines() if "in the pinned revision" not in line}
    assert set(tables.fixes()) <= lacking


def test_the_registry_says_which_releases_have_a_fix() -> None:
    fix = tables.fixes()["death_is_told_at_once"]
    assert fix.since == (2, 58)
    assert [fix.is_in(release) for release in ("2.9.0", "2.55.1", "2.58.0", "2.60.0")] == [False, False, True, True]
    assert not tables.Fix("grant_checks_worker", tables.since().get("grant_checks_worker", ()), "").is_in("2.60.0")


@needs_raymc
def test_a_schedule_that_rests_on_a_fix_is_for_the_releases_that_have_it(tmp_path: Path) -> None:
    trace = trace_of("node_death_told_before_it_is_written", tmp_path)
    assert trace.fixes == ["death_is_told_at_once"]
    refuse_release(trace, "2.60.0")
    with pytest.raises(NotInRelease, match="death_is_told_at_once: in 2.55.1"):
        refuse_release(trace, "2.55.1")
    done = Conducted(trace, (Try(Verdict.NOT_IN_RELEASE, 0, "as said", 0.1),))
    assert not done.ran and done.happened == 0
    assert executed.row(done, "2.55.1").reason == "not in this release: as said"
    refuse_release(trace_of("c3_stopped_worker_swallows_task", tmp_path), "2.55.1")  # its fix only keeps another finding away


@needs_raymc
def test_what_a_trap_leaves_undone_is_still_to_come(tmp_path: Path) -> None:
    """Its grant is posted and waits, and its GCS is a persistent one that only has not started again."""
    popped = make(trace_of("hang_c1_dead_worker_is_granted", tmp_path))
    assert tables.rules()["raylet.R22.grant"].posted_as in popped.node_environment[0]["RAY_testing_asio_delay_us"]
    assert make(trace_of("hang_f19_late_copy_of_a_lease_request", tmp_path)).node_environment == [{}], "nothing comes before its last grant"
    trap = trace_of("hang_driver_misses_its_nodes_death", tmp_path)
    assert gcs_stays_down(trap) and make(trap).plan.redis
    assert not gcs_stays_down(trace_of("driver_misses_its_nodes_death", tmp_path))


@needs_raymc
def test_a_raylet_keeps_what_its_half_busy_node_can_run(tmp_path: Path) -> None:
    """Unless the trace redirects."""
    trace = trace_of("c1_dead_worker_is_granted", tmp_path)
    assert "scheduler_spread_threshold" not in make(replace(trace, shape={**trace.shape, "cpus_per_node": 1})).plan.config
    larger = replace(trace, shape={**trace.shape, "cpus_per_node": [2] + [1] * (int(trace.shape["nodes"]) - 1)})
    assert make(larger).plan.config["scheduler_spread_threshold"] == 1.0
    first, *others = larger.steps
    redirecting = replace(larger, steps=(replace(first, rules=("scheduler.R6.redirect",)), *others))
    assert "scheduler_spread_threshold" not in make(redirecting).plan.config


@needs_raymc
def test_what_redis_refuses_for_a_while(tmp_path: Path) -> None:
    """It does what it is asked in order: a write that something overtakes is refused until its step, one that a crash cuts is held or refused."""
    overtaken = trace_of("request_of_ended_job_is_dropped", tmp_path)
    written = next(step.number for step in overtaken.steps if step.rule == "gcs.G5.node_death_written")
    assert delayed_writes(overtaken) == {written: "NODE death"} and make(overtaken).plan.redis
    assert delayed_writes(trace_of("driver_misses_its_nodes_death", tmp_path)) == {}
    assert delayed_writes(trace_of("late_registration_revives_dead_node", tmp_path)) == {}, "a registration is not begun by a death"
    cut = unwritten(trace_of("gcs_aborts_over_two_heads", tmp_path))
    assert cut == ({"NODE death", "JOB"}, True)
    held = unwritten(trace_of("c16_job_of_dead_node_never_ends", tmp_path))
    assert "JOB" in held[0] and held[1] is False


@needs_raymc
def test_a_new_head_joins_late_and_takes_the_place_of_n1(tmp_path: Path) -> None:
    trace = trace_of("gcs_aborts_over_two_heads", tmp_path)
    assert [(node.late, node.head) for node in make(trace).plan.nodes] == [(False, False), (True, True)]
    assert not any(node.head for node in make(trace, control=True).plan.nodes), "a head that comes is a fault"


@needs_raymc
def test_only_a_resolution_that_a_cancellation_overtakes_is_delayed(tmp_path: Path) -> None:
    delayed = make(trace_of("failed_resolution_of_cancelled_task", tmp_path))
    assert "CoreWorker.SubmitTask" in delayed.driver_environment["RAY_testing_asio_delay_us"]
    assert make(trace_of("dead_worker_keeps_pins", tmp_path)).driver_environment == {}


@needs_raymc
def test_the_scene_is_the_scenarios(tmp_path: Path) -> None:
    plain = make(trace_of("lost_cause_query_blames_the_node", tmp_path))
    assert [node.cpus for node in plain.plan.nodes] == [1] and plain.first == 0 and not plain.plan.redis
    two = trace_of("spillback_to_dead_node_waits", tmp_path)
    assert [task(make(two), two, name).key for name in ("t1", "t2")] == [1, 2]
    struck = make(trace_of("driver_misses_its_nodes_death", tmp_path))
    assert [node.cpus for node in struck.plan.nodes] == [0, 1, 1], "the head has to outlive n1"
    assert struck.index("n1") == 1 and struck.plan.redis
    late = make(trace_of("c13_unheard_of_affinity_target", tmp_path))
    assert [node.late for node in late.plan.nodes] == [False, True] and list(late.idle) == ["n1"]


@needs_raymc
def test_only_a_callback_that_is_overtaken_is_delayed(tmp_path: Path) -> None:
    overtaken = make(trace_of("c1_dead_worker_is_granted", tmp_path))
    assert ["WorkerPool.PopWorkerCallback" in each.get("RAY_testing_asio_delay_us", "") for each in overtaken.node_environment] == [True]
    assert make(trace_of("c1_dead_worker_is_granted", tmp_path), control=True).node_environment == [{}]
    assert make(trace_of("lost_cause_query_blames_the_node", tmp_path)).node_environment == [{}]


@needs_raymc
def test_a_gate_is_closed_before_what_sets_its_thread_off(tmp_path: Path) -> None:
    trace = trace_of("cancel_falls_between_queue_and_start", tmp_path)
    by_rule = {step.rule: step for step in trace.steps}
    begins, between = by_rule["worker.W7.start_task"], by_rule["worker.W15.task_is_between"]
    assert sets_off(trace, between) == by_rule["worker.W3.accept_task"].number < begins.number < between.number
    assert sets_off(trace, trace.steps[0]) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is not JSON"),
        ("[]", "is not a trace"),
        ('{"format": "raymc.trace", "version": 3}', "has version 3"),
        ('{"format": "raymc.trace", "version": 4}', "is damaged"),
    ],
)
def test_a_file_that_is_no_trace_is_refused(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "x.trace.json"
    path.write_text(text)
    with pytest.raises(Unusable, match=words):
        load(path)


@needs_raymc
def test_a_rule_that_the_table_does_not_know_is_said(tmp_path: Path) -> None:
    trace_of("lost_cause_query_blames_the_node", tmp_path)
    path = tmp_path / "lost_cause_query_blames_the_node.trace.json"
    data = json.loads(path.read_text())
    data["steps"][1]["action"] = "raylet.R99.invented(L1)"
    path.write_text(json.dumps(data))
    with pytest.raises(NotConductible, match="R99.invented is not in rules.tsv"):
        refuse(load(path))


@needs_raymc
def test_the_table_of_what_was_conducted(tmp_path: Path) -> None:
    trace = trace_of("lost_cause_query_blames_the_node", tmp_path)
    good = Try(Verdict.HAPPENED, 0, "as claimed", 15.4)
    other = Try(Verdict.ANOTHER_WAY, 3, "granted,\tnot refused", 20.0)
    well = Try(Verdict.ENDS_WELL, 0, "fine", 9.0)
    rows = {}
    for release, tries in (("1", (other, good)), ("2", (other, other))):
        done = Conducted(trace, tries, well)
        rows[trace.name, release] = executed.row(done, release)
    path = tmp_path / "executed.tsv"
    executed.write(path, rows)
    assert executed.read(path) == rows
    assert [(row.tries, row.happened, row.seconds) for row in rows.values()] == [(2, 1, 20), (2, 0, 20)]
    assert rows[trace.name, "1"].reason == "happened: as claimed"
    assert rows[trace.name, "1"].date == date.today().isoformat()
    older = tmp_path / "older.tsv"
    older.write_text("finding\trelease\ttries\thappened\tseconds\treason\nlost\t1\t2\t2\t9\thappened: so\n")
    assert executed.read(older)["lost", "1"].date == "-"
    assert rows[trace.name, "2"].reason == "went another way at step 3 of 7: granted, not refused"
    bad = Conducted(trace, (good,), Try(Verdict.ANOTHER_WAY, 0, "t1: timeout", 9.0))
    assert executed.reason(Conducted(trace, (good,))) == "happened: as claimed (without a control)"
    refused = Try(Verdict.NOT_CONDUCTIBLE, 2, "no verb", 0.0)
    assert executed.reason(Conducted(trace, (refused,))) == "not conductible at step 2 of 7: no verb"
    assert executed.reason(bad) == "happened: as claimed (the control does not end well: t1: timeout)"


def test_what_helps_a_look_is_none() -> None:
    assert "hang" not in looks.known() and "_hang" not in looks.known(), "a helper is no look"


@needs_raymc
def test_a_finding_is_conducted_along_the_schedule_of_the_release(tmp_path: Path) -> None:
    """Since 2.58 a death is told before it is written, which is a step less; what a release has no more keeps the pinned schedule."""
    trace = trace_of("late_registration_revives_dead_node", tmp_path)
    assert [len(command.of_release(trace, numbers).steps) for numbers in ((2, 55), (2, 60))] == [7, 6]
    ended = trace_of("lost_push_leaves_worker_behind", tmp_path)
    assert command.of_release(ended, (2, 60)) is ended


def test_only_as_much_memory_is_wanting_as_one_worker_takes() -> None:
    trace = replace(_trace_of_memory(), shape={"nodes": 1, "task": [{"id": "t1"}], "memory_policy": "by_owner"})
    (environment,) = make(trace).node_environment
    assert environment == {"RAY_max_kill_memory_buffer_bytes": "0", "RAY_worker_killing_policy_by_group": "1"}
    assert make(replace(trace, steps=())).node_environment == [{}]


def _trace_of_memory() -> Trace:
    step = Step(
        1, "raylet.R39.kill_for_memory(w1 on n1)", "", True, None, ("raylet.R39.kill_for_memory",), (), {"worker": "w1", "node": "n1"}, (), ()
    )
    return Trace("memory", "", "", "", "", "pinned", (), {}, (), {}, (), (step,), 0, 0, ())
