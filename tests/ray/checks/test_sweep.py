"""The sweep: its tables name what there is, each way strikes what it says, and the verdicts say what the two sides say."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

pytest.importorskip("h2")

from conduct import looks
from conduct import tables as words
from sweep import command, judge, model, show, table, tables
from sweep.programs import PROGRAMS
from sweep.run import Run, run
from sweep.table import Row
from sweep.tables import Call, Reason
from sweep.ways import WAYS, Striker
from wire import descriptors
from wire.book import DRIVER, GCS, RAYLET, WORKER, Process
from wire.descriptors import Method
from wire.message import REPLY, REQUEST, Message

_HERE = Path(__file__).parent.parent / "sweep"


@pytest.mark.ray
def test_every_call_is_one_of_the_wheels() -> None:
    known = {method.name for method in descriptors.methods().values() if not method.streams}
    assert {call.name for call in tables.calls()} - known == {"Check", "Pull", "Push", "FreeObjects"}, "of these the wheel has no Python description"


def test_every_word_of_the_tables_is_known() -> None:
    calls = tables.calls()
    assert len(calls) == len({(call.name, call.caller) for call in calls}) > 45
    assert {call.program for call in calls} == set(PROGRAMS), "a program that no call needs, or one that there is not"
    assert {call.caller for call in calls} <= {DRIVER, GCS, RAYLET, WORKER}
    said = set(re.findall(r'self\.(?:say|_back)\("(\w+)"', (_HERE / "show.py").read_text()))
    assert said | {"cluster"} == set(tables.looks_of_facts())
    assert set().union(*tables.looks_of_facts().values()) <= set(looks.known())


def test_every_call_that_the_model_strikes_is_struck_in_ray() -> None:
    kinds = {line.split("\t")[0] for line in model.TABLE.read_text().splitlines()[2:]}
    assert {words.carriers()[kind].call for kind in kinds} <= {call.name for call in tables.calls()}
    ways = {line.split("\t")[1] for line in model.TABLE.read_text().splitlines()[2:]}
    assert ways == {*WAYS, "none"}


def test_what_the_model_says() -> None:
    assert model.says("Exit", "request_lost") == "P1.dropped_worker_exits"
    assert model.says("GcsSubscriberCommandBatch", "reply_lost") == model.HOLDS, "the model calls it Subscribe"
    assert model.says("PushTask", "duplicate_request") == model.STRIKES_NOTHING, "the states are those without a failure"
    assert model.says("GetClusterId", "request_lost") == model.UNKNOWN and not model.has_row("GetClusterId")


@dataclass
class _Carrier:
    """Notes what a message asks."""

    caller: Process
    callee: Process
    asked: list[str] = field(default_factory=list)

    def carry(self, message: Message) -> None:
        self.asked.append(f"carry {message.direction}")

    def fail(self, message: Message) -> None:
        self.asked.append(f"fail {message.direction}")

    def fail_early(self, message: Message) -> None:
        self.asked.append(f"fail early {message.direction}")

    def copy(self, message: Message) -> None:
        self.asked.append(f"copy {message.direction}")

    def keep_open(self) -> None:
        self.asked.append("keep open")

    def settled(self, message: Message, held: bool) -> None:
        pass


def _call(decide: Callable[[Message], None], name: str = "Exit", role: str = RAYLET) -> list[str]:
    """A call that passes: what is done to its request and its reply."""
    carrier = _Carrier(Process(role, 1, 10, 1), Process(RAYLET, 2, 20, 1))
    whole = object()
    for direction in (REQUEST, REPLY):
        message = Message(1, carrier, whole, Method(f"/service/{name}", None, None, False), direction, b"")
        decide(message)
        if carrier.asked[-1:] == ["fail request"]:
            break
        message.deliver()
    return carrier.asked


@pytest.mark.parametrize(
    ("way", "done"),
    [
        ("request_lost", ["fail request"]),
        ("reply_lost", ["carry request", "fail reply"]),
        ("early_error", ["fail early request", "carry request", "carry reply"]),
        ("duplicate_request", ["carry request", "carry reply", "copy request"]),
    ],
)
def test_each_way_strikes_the_call_once_at_its_time(way: str, done: list[str]) -> None:
    striker = Striker("Exit", RAYLET, way, 2)
    whole = ["carry request", "carry reply"]
    assert _call(striker.decide) == whole and not striker.struck
    assert _call(striker.decide, name="PushTask") == whole and _call(striker.decide, role=WORKER) == whole
    assert _call(striker.decide) == done
    assert striker.struck == "raylet1 to raylet2"
    assert _call(striker.decide) == whole, "only once"


def test_differences() -> None:
    control = {"cluster": "comes up", "answer t1": "value", "executions of t1": "1", "cpus of node 0": "come back"}
    assert judge.differences(dict(control), control) == []
    assert judge.text([]) == judge.SAME
    twice = judge.differences({**control, "executions of t1": "2"}, control)
    assert [each.harms for each in twice] == [False], "its retries allow it"
    often = judge.differences({**control, "executions of t1": "3, and 2 are allowed"}, control)
    assert [each.harms for each in often] == [True]
    missing = judge.differences({"cluster": "comes up"}, control)
    assert str(missing[0]) == "answer t1: not seen instead of value" and len(missing) == 3
    down = judge.differences({"cluster": "does not come up"}, control)
    assert judge.text(down) == "cluster: does not come up instead of comes up", "the rest follows from that"
    assert judge.text(twice + often).startswith("executions of t1: 3"), "harm first"


@pytest.mark.parametrize(
    ("call", "way", "fact", "verdict"),
    [
        ("Exit", "reply_lost", "", judge.AGREE),
        ("Exit", "reply_lost", "workers of node 0", judge.DISAGREE),
        ("Exit", "request_lost", "workers of node 0", judge.AGREE),
        ("Exit", "request_lost", "jobs", judge.DISAGREE),
        ("Exit", "request_lost", "", judge.DISAGREE),
        ("GetWorkerFailureCause", "request_lost", "answer crashes", judge.AGREE),
        ("GetClusterId", "request_lost", "answer crashes", judge.NOT_MODELLED),
        ("PushTask", "duplicate_request", "", judge.AGREE),
    ],
)
def test_verdicts(call: str, way: str, fact: str, verdict: str) -> None:
    found = [judge.Difference(fact, "other", "as it was")] if fact else []
    assert judge.verdict(call, way, found) == verdict


def test_a_retry_is_no_disagreement() -> None:
    assert judge.verdict("ReturnWorkerLease", "reply_lost", [judge.Difference("executions of t1", "2", "1")]) == judge.AGREE


def _row(way: str, nth: int, verdict: str, call: str = "Exit", stock: str = judge.SAME) -> Row:
    return Row("2.55.1", call, RAYLET, way, nth, "tasks", "raylet1 to worker1", stock, "1 of 1", model.HOLDS, verdict)


def test_the_table_is_in_the_order_of_the_calls(tmp_path: Path) -> None:
    rows = [_row("reply_lost", 1, judge.AGREE), _row("request_lost", 2, judge.AGREE), _row("request_lost", 1, judge.AGREE)]
    rows.append(_row("request_lost", 1, judge.AGREE, call="RegisterNode"))
    path = tmp_path / "sweep.tsv"
    table.write(path, {row.key: row for row in rows})
    assert [(row.call, row.way, row.nth) for row in table.read(path).values()] == [
        ("RegisterNode", "request_lost", 1),
        ("Exit", "request_lost", 1),
        ("Exit", "request_lost", 2),
        ("Exit", "reply_lost", 1),
    ]


def test_a_disagreement_needs_a_reason_and_a_reason_a_disagreement(monkeypatch: pytest.MonkeyPatch) -> None:
    reason = Reason("Exit", RAYLET, "*", "1", "why")
    monkeypatch.setattr(tables, "reasons", lambda: (reason,))
    wrong, other, right = _row("request_lost", 1, judge.DISAGREE), _row("request_lost", 2, judge.DISAGREE), _row("reply_lost", 1, judge.AGREE)
    assert [table.explained(row).reason for row in (wrong, other, right)] == ["why", table.UNEXPLAINED, "-"]
    assert table.stale([wrong]) == [] and table.stale([other, right]) == [reason]
    unknown = _row("request_lost", 1, judge.NOT_MODELLED, stock="jobs: other")
    assert unknown.needs_reason and not _row("request_lost", 1, judge.NOT_MODELLED).needs_reason


def test_the_kept_table_has_every_call_and_every_reason() -> None:
    rows = list(table.read(command.TABLE).values())
    releases = {row.release for row in rows}
    every = {(release, call.name, call.caller, way, nth) for release in releases for call in tables.calls() for way in WAYS for nth in table.NTHS}
    assert releases and every == {row.key for row in rows}, "./raymc ray sweep --resume asks for what is missing"
    assert [row.key for row in rows if table.explained(row) != row] == [], "the reasons have changed: ./raymc ray sweep --resume joins them again"
    assert [row.key for row in rows if row.reason == table.UNEXPLAINED] == []
    assert table.stale(rows) == [], "no row needs these reasons"
    assert [row.key for row in rows if row.model != model.says(row.call, row.way)] == [], "the model says something else by now"


def test_calls_that_are_about_the_same_are_not_struck_in_one_cluster() -> None:
    calls = [("Exit", "idle"), ("AddJob", "-"), ("ReturnWorkerLease", "failures"), ("ReportWorkerFailure", "failures"), ("Check", "-")]
    asked = [command.Strike(Call(name, RAYLET, "tasks", about), way, 1) for name, about in calls for way in ("reply_lost", "request_lost")]
    asked.append(command.Strike(Call("Pull", RAYLET, "values"), "request_lost", 1))
    groups = [(group[0].way, [each.call.name for each in group]) for group in command.together(asked)]
    assert model.breaks("Exit", "request_lost") and not model.breaks("Exit", "reply_lost")
    assert groups == [
        ("request_lost", ["Exit"]),
        ("request_lost", ["AddJob", "ReturnWorkerLease", "Check"]),
        ("request_lost", ["ReportWorkerFailure"]),
        ("request_lost", ["Pull"]),
        ("reply_lost", ["Exit", "AddJob", "ReturnWorkerLease", "Check"]),
        ("reply_lost", ["ReportWorkerFailure"]),
    ]


def test_what_each_call_is_about_is_said_of_those_that_the_model_has() -> None:
    assert {call.name for call in tables.calls() if call.about != "-"} == {call.name for call in tables.calls() if model.has_row(call.name)}


def test_a_control_leaves_out_what_differs_between_its_runs() -> None:
    def one(executions: str, times: int) -> Run:
        facts = {"cluster": "comes up", "executions of t1": executions}
        return Run(facts, (), 1.0, {("Exit", RAYLET): times})

    found = command.control([one("1", 3), one("2", 2)])
    assert (found.facts, set(found.unsteady), found.calls) == ({"cluster": "comes up"}, {"executions of t1"}, {("Exit", RAYLET): 2})


def test_what_differs_together_is_asked_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three calls, of which one does harm: the half without it is asked once."""
    ran: list[list[str]] = []

    def pretend(program: str, strikers: tuple[Striker, ...] = ()) -> Run:
        names = [each.call for each in strikers]
        ran.append(names)
        return Run({"cluster": "comes up", "jobs": "other" if "AddJob" in names else "same"}, tuple("a to b" for _ in names), 1.0)

    monkeypatch.setattr(command, "run", pretend)
    calls = [Call(name, RAYLET, "tasks") for name in ("AddJob", "Check", "Pull")]
    control = command.Control({"cluster": "comes up", "jobs": "same"}, frozenset(), {(call.name, RAYLET): 1 for call in calls})
    rows = {row.call: row for row in command.strike(tuple(command.Strike(call, "request_lost", 1) for call in calls), control, "1")}
    assert ran == [["AddJob", "Check", "Pull"], ["AddJob"], ["AddJob"], ["Check", "Pull"]]
    assert (rows["AddJob"].stock, rows["AddJob"].tries) == ("jobs: other instead of same", "2 of 2")
    assert (rows["Pull"].stock, rows["Pull"].tries) == (judge.SAME, "1 of 1, 2 together")
    (second,) = command.strike((command.Strike(calls[0], "request_lost", 2),), control, "1")
    assert second.verdict == judge.NOT_STRUCK and len(ran) == 4, "there is no second time"


@pytest.mark.ray
def test_what_is_unknown_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wanted = command.Wanted(("Exit", "Enter"), ("request_lost", "request_found"), False, 1, tmp_path / "sweep.tsv")
    assert command.command(wanted) == 64
    assert "Enter, request_found: unknown" in capsys.readouterr().err and not list(tmp_path.iterdir())


@pytest.mark.ray
@pytest.mark.long
def test_a_lost_cancel_is_lost() -> None:
    """The one disagreement that the first sweep found: nobody repeats the call by which a raylet passes a cancel on."""
    done = run("cancels", (Striker("CancelTask", RAYLET, "request_lost", 1),))
    assert done.struck == ("raylet1 to worker1",)
    assert done.facts["answer runs"] == f"runs on for {show.EFFECT_SECONDS:.0f} s although it is cancelled, then: value"
    assert done.facts["answer runs too"] == "RayTaskError(TaskCancelledError)"
    assert done.facts["cpus of node 0"] == "come back" and done.facts["workers of node 0"] == "end when idle"
