"""The explorer without Ray: the chooser is a pure function, steering prefers what is new, schedules and tables come back, differences are told."""

from __future__ import annotations

import asyncio
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("h2")

from checks.traces import PROGRAM, needs_raymc
from conduct import scene, tables
from conduct.trace import Unusable
from explore import outside, question, schedule, table, verdict
from explore.chooser import MESSAGE, PROGRAM as STEP, STRIKE, Option, Seen, choose
from explore.faults import faults
from explore.minimise import minimise
from explore.outside import Noticed
from explore.question import Claims
from explore.schedule import Schedule
from explore.steering import Steering, key
from explore.strikes import verbs
from explore.verdict import Conformed, judge, reason_in, violations_in
from raymc_ray.places import PROJECT_ROOT

_CI = PROJECT_ROOT / "specs" / "scenarios" / "ci"


def _message(name: str, known_by: str = "", at: str = "n1") -> Option:
    return Option(f"deliver {name}", MESSAGE, known_by or name, at)


_OPTIONS = [_message("a"), _message("b"), Option("finish t1", STEP, "finish", "t1"), Option("kill_raylet n2", STRIKE, "kill_raylet", "n2")]


def _walk(seed: int, run: int, seen: Seen, shuffled: random.Random | None = None) -> list[str]:
    """The choices of a run in which new messages keep coming."""
    taken: list[Option] = []
    waiting = list(_OPTIONS)
    for number in range(30):
        if shuffled is not None:
            shuffled.shuffle(waiting)
        option = choose(seed, run, taken, waiting, seen)
        waiting.remove(option)
        waiting.append(_message(f"m{number}", known_by=f"k{number % 5}"))
        taken.append(option)
    return [each.name for each in taken]


def test_the_same_seed_makes_the_same_choices_whatever_happened_before() -> None:
    seen = Seen({"r": 3}, {("q", "r"): 2}, {"a": {"r": 1}, "k1": {"q": 4}})
    first = _walk(7, 1, seen)
    random.seed(99)
    [random.random() for _ in range(1000)]
    assert _walk(7, 1, seen) == first
    assert _walk(7, 1, seen, random.Random(5)) == first, "the order in which options are named says nothing"
    assert len({tuple(_walk(seed, run, seen)) for seed in range(4) for run in range(4)}) > 12


def test_what_was_seen_least_is_preferred() -> None:
    """The pair with the rule before in the same process counts, not the rule alone."""
    seen = Seen({"A": 9, "B": 9, "Z": 1}, {("Z", "A"): 9, ("Z", "B"): 0}, {"a": {"A": 1}, "b": {"B": 1}, "z": {"Z": 1}})
    options = [_message("a"), _message("b")]
    after = [_message("z", at="n1")]
    chosen = [choose(seed, 1, after, options, seen).name for seed in range(400)]
    assert chosen.count("deliver b") > 300, "most choices are the newest"
    assert chosen.count("deliver a") > 20, "some are free"
    elsewhere = [choose(seed, 1, [_message("z", at="n2")], options, seen).name for seed in range(400)]
    assert 120 < elsewhere.count("deliver a") < 280, "a rule of another process is no pair: both are equally new"


def test_a_fault_strikes_now_and_then_and_always_if_nothing_else_could_happen() -> None:
    strikes = [choose(seed, 1, [], _OPTIONS, Seen()).sort == STRIKE for seed in range(400)]
    assert 20 < sum(strikes) < 120
    assert choose(1, 1, [], _OPTIONS[3:], Seen()).sort == STRIKE


_WITNESS: dict[str, Any] = {
    "lanes": [{"kind": "driver"}, {"kind": "raylet"}],
    "messages": [
        {"kind": "RequestWorkerLease", "label": "RequestWorkerLease L1", "from": 0, "to": 1},
        {"kind": "RequestWorkerLease", "label": "RequestWorkerLease L1: granted w1", "from": 1, "to": 0},
        {"kind": "ReturnWorkerLease", "label": "ReturnWorkerLease L1: ok", "from": 1, "to": 0},
        {"kind": "PushTask", "label": "PushTask L1 t1: error", "from": 0, "to": 0},
    ],
    "steps": [
        {"action": "o.S2(t1)", "lane": 0, "rules": [{"id": "o.S2"}], "messages": [{"message": 0, "event": "sent"}]},
        {"action": "r.R4(L1)", "lane": 1, "rules": [{"id": "r.R4"}, {"id": "r.R14"}], "messages": [{"message": 0, "event": "held"}]},
        {"action": "r.R22(L1)", "lane": 1, "rules": [{"id": "r.R22"}], "messages": [{"message": 1, "event": "sent"}]},
        {"action": "o.S3(L1)", "lane": 0, "rules": [{"id": "o.S3"}], "messages": [{"message": 1, "event": "received"}]},
        {"action": "o.S15(L1)", "lane": 0, "rules": [{"id": "o.S15"}], "messages": [{"message": 3, "event": "received"}]},
        {"action": "rpc.ignored(L1)", "lane": None, "rules": [], "messages": [{"message": 2, "event": "received"}]},
    ],
}


def test_steering_reads_rules_pairs_and_what_messages_lead_to() -> None:
    steering = Steering()
    steering.add(_WITNESS)
    assert steering.rules["r.R14"] == 1 and set(steering.pairs) == {("r.R4", "r.R22"), ("o.S2", "o.S3"), ("o.S3", "o.S15")}
    assert steering.leads[key("RequestWorkerLease", "", False, "raylet")] == {"r.R4": 1}
    assert steering.leads[key("RequestWorkerLease", "granted", True, "driver")] == {"o.S3": 1}
    assert steering.leads[key("ReturnWorkerLease", "", True, "driver")] == {"rpc.ignored": 1}
    assert not [each for each in steering.leads if each.startswith("PushTask")], "an error never travels"
    assert steering.leads["kill_raylet"] and steering.leads["submit"]


@needs_raymc
def test_there_is_a_row_for_every_fault_of_a_budget() -> None:
    listed = subprocess.run([PROGRAM, "list", "faults"], capture_output=True, text=True, check=True).stdout
    assert list(faults()) == [line.split()[0] for line in listed.splitlines() if line.strip()]
    assert {rule for fault in faults().values() for rule in fault.rules} <= set(tables.rules())
    assert {fault.verb for fault in faults().values() if not fault.reason} == verbs()


def test_the_question_is_the_scenarios_with_what_the_wire_does() -> None:
    asked = question.load(_CI / "pinned" / "owner_worker_crash.toml")
    assert asked.budget == {"owner_crash": 1} and asked.struck_nodes == ["n2"]
    assert [each["name"] for each in asked.shape["owner"]] == ["driver", "parent"]
    made = scene.make(asked.as_trace(), control=True)
    assert made.first == 0 and made.idle == {"n1": 0, "n2": 0}
    assert question.load(_CI / "pinned" / "gcs_crash.toml").as_trace().rules >= {"gcs.G15.crash", "fault.F1.raylet_crash"}
    assert scene.make(question.load(_CI / "pinned" / "gcs_crash.toml").as_trace(), control=True).plan.redis
    assert scene.make(question.load(_CI / "pinned" / "raylet_crash_head.toml").as_trace(), control=True).first == 1


def test_a_call_that_its_caller_sends_once_does_not_arrive_twice() -> None:
    assert {"PushTask", "CancelTask"} <= faults()["duplicate_request"].never
    assert all(fault.never == {"-"} for budget, fault in faults().items() if budget != "duplicate_request")


def test_a_task_without_retries_left_may_fail() -> None:
    assert outside.may_fail(0, 1) and outside.may_fail(1, 2)
    assert not outside.may_fail(0, 0) and not outside.may_fail(1, 1)


@needs_raymc
def test_the_model_is_asked_about_every_property_of_the_pinned_protocol(tmp_path: Path) -> None:
    """Whatever safeguards the scenario asks for."""
    claims = question.ask_the_model(question.load(_CI / "pinned" / "owner_worker_crash.toml"), tmp_path)
    assert claims.complete and claims.states > 1000 and "L1.task_ends" not in claims.violated
    told = '[protocol]\nprofile = "hardened"'
    text = (PROJECT_ROOT / "specs/scenarios/defects/lost_cause_query_blames_the_node.toml").read_text()
    one = tmp_path / "one.toml"
    one.write_text(text.replace('[protocol]\nprofile = "pinned"', told))
    assert told in one.read_text()
    assert "E1.node_died_means_node_died" in question.ask_the_model(question.load(one), tmp_path / "model").violated


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = ", "is no scenario"),
        ("schema = 1", "is no scenario"),
        ('[shape]\nnodes = 1\n[[shape.owner]]\nname = "p"\nkind = "task"\n[[shape.task]]\nid = "t1"', "is one of its tasks"),
        ("[shape]\nnodes = 1\n" + "[[shape.task]]\nid = 't'\n" * 5, "more tasks than conform has room for"),
        ('[shape]\nnodes = 1\njoins_late = ["n1"]\n[[shape.task]]\nid = "t1"', "joins_late"),
        ('[shape]\nnodes = 1\n[[shape.task]]\nid = "t1"\n[budget]\nearthquake = 1', "does not know: earthquake"),
    ],
)
def test_what_cannot_be_explored_is_refused(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(text)
    with pytest.raises(Unusable, match=words):
        question.load(path)


def test_a_schedule_comes_back(tmp_path: Path) -> None:
    said = Schedule("worker_crash", 7, 3, "2.55.1", ("submit t1", "deliver RequestWorkerLease driver>n1 driver.L1"))
    schedule.write(said, tmp_path / "schedule.json")
    assert schedule.read(tmp_path / "schedule.json") == said
    for text in ("{", "[]", '{"format": "raymc.schedule", "version": 1}', '{"format": "raymc.trace", "version": 4}'):
        (tmp_path / "bad.json").write_text(text)
        with pytest.raises(Unusable):
            schedule.read(tmp_path / "bad.json")


def test_the_fewest_choices_are_found_within_the_tries() -> None:
    choices = tuple([*(f"deliver {number}" for number in range(12)), "kill n2.w1", "finish t1"])
    asked: list[tuple[str, ...]] = []

    def needing(*needed: str) -> tuple[tuple[str, ...], int]:
        async def shows(wanted: tuple[str, ...]) -> bool:
            asked.append(wanted)
            return set(needed) <= set(wanted)

        return asyncio.run(minimise(choices, shows, 40))

    assert needing("kill n2.w1")[0] == ("kill n2.w1",)
    assert asked[0] == ("kill n2.w1", "finish t1"), "first without any message held"
    assert needing("deliver 3", "deliver 9", "kill n2.w1")[0] == ("deliver 3", "deliver 9", "kill n2.w1")
    asked.clear()

    async def never(wanted: tuple[str, ...]) -> bool:
        asked.append(wanted)
        return False

    assert asyncio.run(minimise(choices, never, 5)) == (choices, 5) and len(asked) == 5
    assert asyncio.run(minimise(choices, never, 0)) == (choices, 0) and len(asked) == 5


_EXPLAINED = """explained: 36 of 36 events, 22 steps, 23 nodes
           24 rules by a line of their own, 5 silently
           and violates I3.resources_conserved from step 9 on: it is claimed that
           and without another fault I13.resources_return is never true from step 15 on: it is claimed that
"""
_REFUTED = """not explained: 5 of 9 events, 4 steps, 7 nodes
next unread line of each process, the oldest first:
  raylet.log:12: grant lease=L1
  owner.io.log:3: granted lease=L1
"""


def test_what_conform_says_is_read() -> None:
    assert violations_in(_EXPLAINED) == ["I3.resources_conserved", "I13.resources_return"]
    assert reason_in("not explained", _REFUTED) == "grant"
    assert reason_in("not explained", "not explained: 9 of 9\nevery line is read\n") == "lines are missing at the end"
    assert reason_in("cut off", "record\ncut off: out of nodes; 3 of 4\n") == "out of nodes; 3 of 4"
    assert reason_in("refused", "raymc: logs: 5 tasks, and the model has room for 4\n") == "raymc: logs: 5 tasks, and the model has room for 4"


def test_what_the_model_violates_too_is_no_difference() -> None:
    claims = Claims(frozenset({"I3.resources_conserved", "I12.no_leaked_lease"}), True, 100)
    run = Conformed("explained", "", ("I3.resources_conserved", "I4.worker_has_one_lease"), "", None)
    judged = judge(run, (Noticed("capacity_is_lost", "0 of 1"), Noticed("task_never_ends", "t1"), Noticed("", "t2 has another value")), claims)
    assert judged.found == ("I3.resources_conserved", "capacity_is_lost")
    assert [each.sign for each in judged.differences] == ["violated: I4.worker_has_one_lease", "seen: task_never_ends", "seen: t2 has another value"]
    assert [each.sign for each in judge(Conformed("not explained", "grant", (), "", None), (), claims).differences] == ["not explained: grant"]
    assert judge(Conformed("cut off", "memory", (), "", None), (), claims) == verdict.Judged((), ())


def test_the_table_comes_back(tmp_path: Path) -> None:
    row = table.Row("worker_crash", "2.55.1", 7, 20, 18, 1, 1, 3, 1, 60, 140, 1, 8, "I3.resources_conserved 3")
    rows = {(row.scenario, row.release): row}
    table.write(tmp_path / "explore.tsv", rows)
    assert table.read(tmp_path / "explore.tsv") == rows and table.read(tmp_path / "none.tsv") == {}
    assert (tmp_path / "explore.tsv").read_text().startswith("# written by: ./raymc ray explore ")
