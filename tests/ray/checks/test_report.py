"""Reports: scripts that need nothing but Ray, derived from a trace, the tables and its scenario."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest

from checks.test_command_line import Run, run
from checks.traces import PROGRAM, needs_raymc, trace_of
from conduct.trace import Trace
from raymc_ray.cli import main
from report import endings, index, recipe, tries
from report.needs_more import NeedsMore
from report.script import LINES_MAX, plain
from report.text import MARK

__all__ = ["run"]  # the fixture

_PLAIN = (
    "c1_dead_worker_is_granted",
    "c1_leak_keeps_drained_raylet",
    "c3_stopped_worker_swallows_task",
    "c5_farewell_is_not_answered",
    "c8_driver_is_refused_for_ever",
    "c10_hung_raylet_is_waited_for",
    "c11_repeated_grant_names_no_devices",
    "c13_unheard_of_affinity_target",
    "driver_misses_its_nodes_death",
    "forgetful_gcs_ends_a_cluster",
    "lost_cause_query_blames_the_node",
    "lost_exit_request_forgets_worker",
    "preempted_child_pays",
    "preemption_is_charged",
)
_WIDTH_MAX = 220  # a node's settings stand in one line


@needs_raymc
@pytest.mark.parametrize("name", _PLAIN)
def test_a_script_needs_nothing_but_ray_and_fits(name: str, tmp_path: Path) -> None:
    text = plain(trace_of(name, tmp_path))
    tree = ast.parse(text)
    modules = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    standard = {"ctypes", "os", "shutil", "signal", "subprocess", "sys", "tempfile", "threading", "time"}
    assert {each for each in modules if each.split(".")[0] != "ray"} <= standard
    lines = text.splitlines()
    assert len(lines) <= LINES_MAX == 60 and max(map(len, lines)) <= _WIDTH_MAX
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    bound = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    bound |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)} | {each.split(".")[0] for each in modules}
    bound |= {"services", "strategies", *dir(__builtins__), *__import__("builtins").__dict__}
    bound |= {each.arg for each in ast.walk(tree) if isinstance(each, ast.arg)}
    bound |= {str(each.name) for each in ast.walk(tree) if isinstance(each, ast.ExceptHandler)}
    assert names <= bound, names - bound


@needs_raymc
def test_lost_calls_are_rays_own_fault_injection(tmp_path: Path) -> None:
    granted = recipe.make(trace_of("c11_repeated_grant_names_no_devices", tmp_path))
    lost = {"num_failures": 1, "num_lower_bound_resp_failures": 1}
    assert granted.failures == {"driver": {"NodeManagerService.grpc_client.RequestWorkerLease": lost}}
    assert not granted.warm, "an idle worker would have to be made by the call that is lost"
    exits = recipe.make(trace_of("lost_exit_request_forgets_worker", tmp_path))
    assert exits.failures == {"n1": {"CoreWorkerService.grpc_client.Exit": {"num_failures": 1, "num_lower_bound_req_failures": 1}}}
    assert exits.warm and not exits.moves


@needs_raymc
def test_what_is_under_way_while_a_fault_strikes_is_delayed_at_its_receiver(tmp_path: Path) -> None:
    stopped = recipe.make(trace_of("c3_stopped_worker_swallows_task", tmp_path))
    assert list(stopped.delays) == ["n1"] and list(stopped.delays["n1"]) == ["CoreWorkerService.grpc_server.PushTask"]
    assert [move.do for move in stopped.moves] == ["submit", "sigterm_worker"] and stopped.keeps
    news = "Subscriber.HandlePublishedMessage_GCS_NODE_ADDRESS_AND_LIVENESS_CHANNEL"
    unheard = recipe.make(trace_of("c13_unheard_of_affinity_target", tmp_path))
    assert {process: list(names) for process, names in unheard.delays.items()} == {"driver": [news], "n1": [news]}
    refused = recipe.make(trace_of("c8_driver_is_refused_for_ever", tmp_path))
    assert list(refused.delays["n2"]) == ["NodeManagerService.grpc_server.RequestWorkerLease"]
    granted = recipe.make(trace_of("c1_dead_worker_is_granted", tmp_path))
    assert granted.delays == {"n1": {"WorkerPool.PopWorkerCallback": 4}}


@needs_raymc
def test_a_worker_that_ends_after_its_raylets_death_is_told_is_stopped_meanwhile(tmp_path: Path) -> None:
    made = recipe.make(trace_of("idle_drain_replaces_preemption", tmp_path))
    assert [move.do for move in made.moves][-3:] == ["stop_worker", "kill_raylet_at_deadline", "kill_worker"]
    assert made.moves[-1].dead == ["n2"]


@needs_raymc
def test_the_code_of_a_parent_submits_its_children_and_waits_for_them(tmp_path: Path) -> None:
    made = recipe.make(trace_of("preempted_child_pays", tmp_path))
    assert [(move.do, move.who) for move in made.moves if move.do == "submit"] == [("submit", "t1")]
    text = plain(made.trace)
    assert 'CHILDREN = {"t1": [(("t2",), dict(num_cpus=1, max_retries=1))]}' in text
    assert "for name in ['t1']: go(name)" in text and 'in ran("t2")[1:] if lives(pid)' in text, "the child pays, when its parent lends its CPU"


@needs_raymc
def test_what_is_told_to_a_task_that_is_an_owner_is_delayed_at_its_node(tmp_path: Path) -> None:
    trace = trace_of("preempted_child_pays", tmp_path)
    parent = trace.lane_of("owner", "parent")
    assert parent is not None and recipe._process(trace, parent) == "n1"


@needs_raymc
def test_raylets_that_end_by_themselves_are_waited_for(tmp_path: Path) -> None:
    made = recipe.make(trace_of("forgetful_gcs_ends_a_cluster", tmp_path))
    assert [(move.do, move.who) for move in made.moves] == [
        ("kill_gcs", ""),
        ("start_gcs", ""),
        ("raylet_ends", "n1"),
        ("raylet_ends", "n2"),
        ("submit", "t1"),
    ]
    text = plain(made.trace)
    assert "no raylet is left" in text and "probe" not in text, "no other task could run"


@needs_raymc
def test_a_call_that_the_trace_never_repeats_is_lost_each_time(tmp_path: Path) -> None:
    trace = trace_of("leaving_node_was_never_registered", tmp_path)
    lost = next(step for step in trace.steps if step.rule == "fault.F7.request_lost")
    assert recipe._stays_lost(trace, lost)
    answered = trace_of("c5_farewell_is_not_answered", tmp_path)
    assert not recipe._stays_lost(answered, next(step for step in answered.steps if step.rule == "fault.F8.reply_lost"))


@needs_raymc
def test_a_task_that_nothing_needs_is_submitted_last(tmp_path: Path) -> None:
    hung = recipe.make(trace_of("c10_hung_raylet_is_waited_for", tmp_path))
    assert [(move.do, move.who) for move in hung.moves] == [("hang_raylet", "n2"), ("submit", "t1")]


@needs_raymc
@pytest.mark.parametrize(
    ("name", "step", "words"),
    [
        ("c16_job_of_dead_node_never_ends", 6, "between two writes"),
        ("cancel_falls_between_queue_and_start", 9, "waits at CoreWorker::GetAndPinArgsForExecutor meanwhile: a gate"),
        ("endless_partition_is_waited_for", 2, "no longer reach each other"),
        ("c4_owner_failure_is_missed", 1, "a second owner"),
        ("c12_first_task_decides_on_memory_retry", 9, r"the wire \(memory_runs_out\)"),
        ("leaving_node_was_never_registered", 1, "waits for a node that it has started to register"),
        ("parent_aborts_over_cancelled_child", 15, "t2 is cancelled by the code of a task"),
    ],
)
def test_what_a_program_cannot_do_is_said_with_the_step(name: str, step: int, words: str, tmp_path: Path) -> None:
    with pytest.raises(NeedsMore, match=words) as refused:
        plain(trace_of(name, tmp_path))
    assert refused.value.step == step


@needs_raymc
def test_where_a_cancellation_fails_the_control_cancels_as_well(tmp_path: Path) -> None:
    lost = plain(trace_of("lost_cancel_is_not_repeated", tmp_path))
    assert "\nray.cancel(t1, force=False)  # step" in lost and 'happened = "value" in' in lost
    overtaken = plain(trace_of("cancel_overtakes_push", tmp_path))
    assert '\ntime.sleep(1) if STRIKE else until(lambda: ran("t1"))\nray.cancel(t1' in overtaken and "\ndef until(" in overtaken
    alone = plain(trace_of("c7_cancelled_task_is_retried_for_free", tmp_path))
    assert "    ray.cancel(t1" in alone and "happened = STRIKE and" in alone


def test_a_look_that_a_program_does_not_have_is_said() -> None:
    with pytest.raises(NeedsMore, match="through the wire"):
        endings.ending("request_is_cancelled_again_and_again", None)  # type: ignore[arg-type]


@needs_raymc
def test_a_report_is_written_and_written_again(tmp_path: Path, run: Run) -> None:
    trace = _file(trace_of("c11_repeated_grant_names_no_devices", tmp_path), tmp_path)
    folder = tmp_path / "report"
    answer = run(main, "report", trace, "--out", str(folder))
    assert answer.status == 0 and "needs nothing but Ray" in answer.out
    text = (folder / "report.md").read_text()
    for words in ("RequestWorkerLease, reply lost", "None that we know.", "--control", "rpc_failure` of the driver", "local_lease_manager.cc"):
        assert words in text
    tries.write(folder / "tries.tsv", tries.Row("9.9", 5, 4, "ends well", 12, "t1 is told of 0"))
    assert run(main, "report", trace, "--out", str(folder)).status == 0
    assert "| 9.9 | the script | 5 | 4 | ends well | 12 s |" in (folder / "report.md").read_text()
    assert "> t1 is told of 0" in (folder / "report.md").read_text()


@needs_raymc
def test_nothing_is_written_among_the_kept_reports_unless_that_is_asked_for(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "c11_repeated_grant_names_no_devices"
    trace = _file(trace_of(name, tmp_path), tmp_path)
    kept = tmp_path / "kept"
    monkeypatch.setattr("report.command.REPORTS", kept)
    monkeypatch.chdir(tmp_path)
    assert run(main, "report", trace).status == 0
    assert (tmp_path / "raymc-out/ray/reports" / name / "script.py").exists() and not kept.exists()
    assert run(main, "report", trace, "--keep").status == 0
    assert sorted(path.name for path in kept.iterdir()) == ["README.md", name]


@needs_raymc
def test_where_the_conductor_is_needed_the_report_says_so(tmp_path: Path, run: Run) -> None:
    trace = _file(trace_of("c16_job_of_dead_node_never_ends", tmp_path), tmp_path)
    answer = run(main, "report", trace, "--out", str(tmp_path / "report"))
    assert answer.status == 0 and "uses the conductor, for step 6" in answer.out
    script = (tmp_path / "report" / "script.py").read_text()
    ast.parse(script)
    assert '"conduct"' in script and len(script.splitlines()) <= LINES_MAX
    assert "step 6 needs more" in (tmp_path / "report" / "report.md").read_text()
    scenario = tmp_path / "report" / "scenario.toml"
    checked = subprocess.run([PROGRAM, "check", "--quiet", "--out", tmp_path, scenario], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


@needs_raymc
def test_what_ray_has_a_safeguard_against_is_no_finding(tmp_path: Path, run: Run) -> None:
    trace = _file(trace_of("lease_retry_grants_twice", tmp_path), tmp_path)
    answer = run(main, "report", trace, "--out", str(tmp_path / "report"))
    assert answer.status == 65 and "lease_request_identity off" in answer.err
    assert not (tmp_path / "report").exists()


@needs_raymc
def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path, run: Run) -> None:
    trace = _file(trace_of("c11_repeated_grant_names_no_devices", tmp_path), tmp_path)
    mine = tmp_path / "mine" / "script.py"
    mine.parent.mkdir()
    mine.write_text("precious")
    answer = run(main, "report", trace, "--out", str(mine.parent))
    assert answer.status == 74 and "is no report" in answer.err
    assert mine.read_text() == "precious"


def test_the_list_of_reports(tmp_path: Path) -> None:
    for name in ("one", "two", "mine"):
        (tmp_path / name).mkdir()
    (tmp_path / "one" / "report.md").write_text(f"{MARK}\n\n# Does it end?\n\n## Known threads\n\nNone that we know.\n")
    tries.write(tmp_path / "one" / "tries.tsv", tries.Row("9.9", 5, 4, "ends well", 12, "a"))
    (tmp_path / "two" / "report.md").write_text(f"{MARK}\n\n# Does it begin?\n\n## Known threads\n\n#17\n")
    (tmp_path / "two" / "scenario.toml").write_text("")
    (tmp_path / "mine" / "report.md").write_text("# Mine\n")

    def lines() -> list[str]:
        index.write(tmp_path)
        return (tmp_path / "README.md").read_text().splitlines()

    assert lines()[-2:] == [
        "| [one](one/report.md) | Does it end? | Ray alone | 4 of 5 in 9.9 | None that we know |",
        "| [two](two/report.md) | Does it begin? | the conductor | not tried | #17 |",
    ]
    assert any(line.endswith("not without a fault there: 1 (one).") for line in lines())
    for row in (tries.Row("9.9", 5, 3, "ends well", 12, "a"), tries.Row("9.9", 5, 5, "HAPPENED: so", 12, "a")):
        tries.write(tmp_path / "one" / "tries.tsv", row)
        assert any(line.endswith("not without a fault there: 0.") for line in lines()), row


def test_a_table_of_tries_keeps_other_releases(tmp_path: Path) -> None:
    path = tmp_path / "tries.tsv"
    for row in (tries.Row("2", 5, 5, "ends well", 9, "a"), tries.Row("1", 5, 0, "ends well", 9, "b"), tries.Row("2", 1, 0, "x", 3, "c")):
        tries.write(path, row)
    assert [(row.release, row.tries, row.seen) for row in tries.read(path)] == [("1", 5, "b"), ("2", 1, "c")]


@pytest.mark.ray
@pytest.mark.long
@needs_raymc
def test_a_script_happens_and_its_control_ends_well(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(plain(trace_of("c11_repeated_grant_names_no_devices", tmp_path)))
    row = tries.run(script, "this", 1)
    assert (row.happened, row.control) == (1, "ends well"), row
    assert row.seen == "t1 asks for one GPU; in it ray.get_gpu_ids() has 0"


def _file(trace: Trace, folder: Path) -> str:
    return str(folder / f"{trace.name}.trace.json")
