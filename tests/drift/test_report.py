"""What hangs on a change, in each format."""

from __future__ import annotations

from pathlib import Path

from conftest import CONFIG, NODE_MANAGER, PROTO, Drift, Ray


def _change(ray: Ray) -> None:
    ray.edit(NODE_MANAGER, "!resources_.IsIdle()", "resources_.IsIdle()")


def test_text(ray: Ray, drift: Drift) -> None:
    _change(ray)
    out = drift().out
    for line in (
        "changed   src/ray/raylet/node_manager.cc: NodeManager::HandleDrainRaylet  1% of the tokens",
        "          row raylet.R45.drain: raylet.R45.drain says this",
        "          safeguard drain_reads_store",
        "citations: 11  same 10  changed 1",
        "rows to read again: 1 of 10",
        "safeguard drain_reads_store: a drain reads the store (defects/old_drain.toml)",
        "finding: Is a drain decided on old news?",
        "run: ./raymc check specs/scenarios/ci/drain.toml",
    ):
        assert line in out.splitlines(), out
    assert "unrelated" not in out


def test_a_safeguard_hangs_on_what_no_row_cites(ray: Ray, drift: Drift) -> None:
    ray.edit(CONFIG, "lease_timeout_ms, 1000", "lease_timeout_ms, 2000")
    ran = drift()
    assert ran.code == 10
    assert "          safeguard unrelated" in ran.out.splitlines()
    assert "safeguard unrelated: nobody asks it" in ran.out.splitlines()
    assert "rows to read again: 0 of 10" in ran.out.splitlines()


def test_scenarios_are_the_cheapest_that_show_all_rows(ray: Ray, drift: Drift) -> None:
    _change(ray)
    ray.edit(NODE_MANAGER, "  if (disconnect) {", "  if (!disconnect) {")
    assert drift("--format", "json").json["run"] == ["specs/scenarios/ci/all.toml", "specs/scenarios/ci/drain.toml"]


def test_json(ray: Ray, drift: Drift) -> None:
    _change(ray)
    ran = drift("--format", "json")
    table = ran.json
    assert (table["exit"], ran.code) == (10, 10)
    changed = [c for c in table["citations"] if c["verdict"] != "same"]  # type: ignore[attr-defined]
    assert changed == [
        {
            "file": NODE_MANAGER, "symbol": "NodeManager::HandleDrainRaylet", "verdict": "changed", "detail": changed[0]["detail"],
            "now": NODE_MANAGER, "line": 9, "rows": ["raylet.R45.drain"], "safeguards": ["drain_reads_store"],
        }
    ]  # fmt: skip
    assert table["findings"] == ["Is a drain decided on old news?"]


def test_github(ray: Ray, drift: Drift) -> None:
    _change(ray)
    lines = drift("--format", "github").out.splitlines()
    assert lines[0].startswith("::warning file=src/ray/raylet/node_manager.cc,line=9,title=raymc%3A NodeManager%3A%3AHandleDrainRaylet changed::")
    assert "raylet.R45.drain" in lines[0]
    assert lines[1].startswith("::notice title=raymc%3A what hangs on it::") and "%0A" in lines[1]
    assert len(lines) == 2


def test_what_is_gone_is_an_error_on_github(ray: Ray, drift: Drift) -> None:
    ray.edit(CONFIG, "heartbeat_period_ms", "other_period_ms")
    lines = drift("--format", "github").out.splitlines()
    assert lines[0].startswith(f"::error file={CONFIG},line=1,")


def test_a_changed_caller(ray: Ray, drift: Drift) -> None:
    ray.edit(NODE_MANAGER, "  if (draining_) {", "  if (draining_ && !stopped_) {")
    ran = drift("--format", "json")
    assert ran.code == 10
    (call,) = ran.json["calls"]  # type: ignore[misc]
    assert (call["symbol"], call["caller"], call["how"]) == ("HandleReturnWorkerLease", "NodeManager::Tick", "under other conditions")
    assert call["rows"] == ["raylet.R31.return_lease"]
    assert "call      src/ray/raylet/node_manager.cc:" in drift().out
    assert drift("--format", "github").out.startswith("::notice file=src/ray/raylet/node_manager.cc,line=")


def test_callers_that_come_and_go(ray: Ray, drift: Drift) -> None:
    ray.write("src/ray/raylet/other.cc", "void Other::Loop() {\n  manager_.HandleReturnWorkerLease(id_, true);\n}\n")
    assert [c["how"] for c in drift("--format", "json").json["calls"]] == ["added"]  # type: ignore[attr-defined]
    before = ray.commit()
    ray.write("src/ray/raylet/other.cc", "void Other::Loop() {\n  Wait();\n}\n")
    assert [c["how"] for c in drift("--since", before, "--format", "json").json["calls"]] == ["removed"]  # type: ignore[attr-defined]
    ray.write(
        "src/ray/raylet/other.cc", "void Other::Loop() {\n  Step();\n}\nvoid Other::Step() {\n  manager_.HandleReturnWorkerLease(id_, true);\n}\n"
    )
    assert drift("--since", before, "--format", "json").json["calls"] == [], "taken out into a function of its own"


def test_a_call_with_other_arguments_is_no_other_call(ray: Ray, drift: Drift) -> None:
    ray.edit(NODE_MANAGER, "HandleReturnWorkerLease(oldest_, false)", "HandleReturnWorkerLease(oldest_, false, now_)")
    assert drift().code == 0


def test_what_is_not_in_the_model(ray: Ray, drift: Drift) -> None:
    ray.edit(PROTO, "  rpc Drain(", "  rpc Cancel(CancelRequest) returns (CancelReply);\n  rpc Drain(")
    ray.edit(PROTO, "message DrainReply {", "message CancelRequest {\n}\nmessage CancelReply {\n}\nmessage Tombstone {\n}\nmessage DrainReply {")
    ray.edit(CONFIG, "RAY_CONFIG(int64_t, drain_timeout_ms, 1000)\n", "RAY_CONFIG(std::vector<int>, cancel_retries, {})\n")
    text = (ray.folder / NODE_MANAGER).read_text()
    ray.write(NODE_MANAGER, text.replace("void NodeManager::Tick", "void NodeManager::HandleCancel() {\n  f();\n}\n\nvoid NodeManager::Tick"))
    ran = drift()
    news = [line for line in ran.out.splitlines() if line.startswith("not in the model: ")]
    assert [line.split(": ")[1].split(" (")[0] for line in news] == [
        "handler NodeManager::HandleCancel",
        "rpc Cancel",
        "message Tombstone",
        "constant cancel_retries",
        "constant drain_timeout_ms is gone",
    ]
    assert ran.code == 0, "news alone make no row doubtful"


def test_replay(ray: Ray, drift: Drift) -> None:
    first = ray.commit("base")
    _change(ray)
    ray.commit("drains when busy")
    ray.edit(NODE_MANAGER, "/// Drains.", "/// Drains it.")
    ray.commit("a comment")
    ray.write("doc/x", "x")
    ray.commit("elsewhere")
    ran = drift("--replay", f"{first}..HEAD")
    lines = [line.split("\t") for line in ran.out.splitlines()[1:]]
    assert [(cells[2], cells[4], cells[8]) for cells in lines] == [("yes", "1", "drains when busy"), ("no", "0", "a comment")]
    assert ran.code == 10
    assert {cells[3] for cells in lines} == {"-"}
    assert drift("--replay", "HEAD").code == 65
    assert drift("--replay", "..HEAD").code == 65


def test_replay_against_a_reader(ray: Ray, drift: Drift, tmp_path: Path) -> None:
    first = ray.commit("base")
    _change(ray)
    flagged = ray.commit("drains when busy")
    ray.edit(NODE_MANAGER, "/// Drains.", "/// Drains it.")
    quiet = ray.commit("a comment")
    table = tmp_path / "judged.tsv"
    for words, end in (
        (f"{flagged[:10]}\tyes\tthe row\n", "of 1 that matter 1 flagged, missed: none; 0 flagged that do not matter, at most 0 in one month"),
        (f"{quiet[:10]}\tyes\tthe row\n", f"of 1 that matter 0 flagged, missed: {quiet[:10]}; 1 flagged that do not matter, at most 1 in one month"),
    ):
        table.write_text("# head\ncommit\tmatters\twhy\n" + words)
        assert drift("--replay", f"{first}..HEAD", "--judged", str(table)).out.splitlines()[-1] == f"# 2 commits; 1 flagged; {end}"
    table.write_text("abc\tperhaps\n")
    assert drift("--replay", f"{first}..HEAD", "--judged", str(table)).code == 65
    assert drift("--judged", str(table)).code == 64


def test_output_that_nobody_reads(ray: Ray, project: object, tmp_path: object) -> None:
    import subprocess
    import sys

    from conftest import PACKAGE

    _change(ray)
    command = f"{sys.executable} -m raymc_drift {ray.folder} --format json | true; exit ${{PIPESTATUS[0]}}"
    ran = subprocess.run(
        ["bash", "-c", command],
        env={"PYTHONPATH": str(PACKAGE), "RAYMC_ROOT": str(project), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in ran.stderr
