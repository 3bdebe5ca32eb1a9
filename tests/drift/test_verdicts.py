"""Every verdict, in every kind of file that can be cited."""

from __future__ import annotations

import pytest
from conftest import CLIENT, CONFIG, HEADER, NODE_MANAGER, PROTO, PYX, SERVER, WORKER, Drift, Ray

# name, file, text, what takes its place, symbol, verdict, exit code
CHANGES = [
    (
        "layout",
        NODE_MANAGER,
        "    reply->set_accepted(false);\n",
        "    // no\n\n    reply->set_accepted( false );\n",
        "HandleDrainRaylet",
        "cosmetic",
        0,
    ),
    ("log", NODE_MANAGER, '"asked to drain";', '"asked " << request.id() << " to drain";', "HandleDrainRaylet", "cosmetic", 0),
    ("check", NODE_MANAGER, '<< "no worker";', '<< "no worker for " << lease_id;', "HandleReturnWorkerLease", "cosmetic", 0),
    (
        "metric",
        NODE_MANAGER,
        "  drains_.Record(1);\n",
        "  if (metrics_) {\n    drains_.Record(2, {{kTag, 1}});\n  }\n",
        "HandleDrainRaylet",
        "cosmetic",
        0,
    ),
    ("move", NODE_MANAGER, "std::move(request)", "request", "HandleDrainRaylet", "cosmetic", 0),
    (
        "idle value",
        NODE_MANAGER,
        "  ReleaseWorker(worker);",
        "  const auto id = worker->GetId();\n  ReleaseWorker(worker);",
        "HandleReturnWorkerLease",
        "cosmetic",
        0,
    ),
    ("passed on", NODE_MANAGER, "ReleaseWorker(worker);", "ReleaseWorker(worker, lease_id);", "HandleReturnWorkerLease", "cosmetic", 0),
    (
        "actors",
        NODE_MANAGER,
        "  ReleaseWorker(",
        "  if (worker->IsActorWorker()) {\n    Forget(worker);\n  }\n  ReleaseWorker(",
        "HandleReturnWorkerLease",
        "cosmetic",
        0,
    ),
    (
        "not for actors",
        NODE_MANAGER,
        "  ReleaseWorker(worker);",
        "  if (!worker->IsActorWorker()) {\n    ReleaseWorker(worker);\n  }",
        "HandleReturnWorkerLease",
        "cosmetic",
        0,
    ),
    (
        "other actors",
        NODE_MANAGER,
        "  ReleaseWorker(worker);",
        "  if (!actors_.Holds(worker)) {\n    ReleaseWorker(worker);\n  }",
        "HandleReturnWorkerLease",
        "changed",
        10,
    ),
    ("condition", NODE_MANAGER, "!resources_.IsIdle()", "resources_.IsIdle()", "HandleDrainRaylet", "changed", 10),
    ("message of an answer", NODE_MANAGER, "set_accepted(true)", "set_accepted(false)", "HandleDrainRaylet", "changed", 10),
    (
        "order",
        NODE_MANAGER,
        "  ReleaseWorker(worker);\n  if (disconnect) {\n    DisconnectWorker(worker);\n  }\n",
        "  if (disconnect) {\n    DisconnectWorker(worker);\n  }\n  ReleaseWorker(worker);\n",
        "HandleReturnWorkerLease",
        "changed",
        10,
    ),
    ("other function", NODE_MANAGER, "resources_.SetDraining(", "resources_.SetIdle(", "HandleDrainRaylet", "changed", 10),
    ("lambda", NODE_MANAGER, "usage_ += count;", "usage_ -= count;", "report_usage", "changed", 10),
    ("constant", CONFIG, "500)", "900)", "heartbeat_period_ms", "changed", 10),
    ("comment on a constant", CONFIG, "/// How often.", "/// Seldom.", "heartbeat_period_ms", "same", 0),
    ("constant gone", CONFIG, "heartbeat_period_ms", "heart_period", "heartbeat_period_ms", "gone", 11),
    ("message", PROTO, "int64 deadline = 1;", "int64 deadline = 1;\n  bool force = 2;", "Drain", "changed", 10),
    ("comment in a message", PROTO, "// when", "// until when", "Drain", "cosmetic", 0),
    ("made by a macro", CLIENT, "-1", "1000", "ReturnLease", "changed", 10),
    ("macro's method gone", CLIENT, "ReturnLease", "GiveLeaseBack", "ReturnLease", "gone", 11),
    ("cython", PYX, "attempt > 3", "attempt > 4", "execute_task", "changed", 10),
    (
        "cython's depth",
        PYX,
        "        raise ValueError(task)\n    return task.run()",
        "        raise ValueError(task)\n        return task.run()",
        "execute_task",
        "changed",
        10,
    ),
    ("cython's comment", PYX, "# runs it", "# does it", "execute_task", "cosmetic", 0),
    ("python", WORKER, "sys.exit(1)", "sys.exit(2)", "on_sigterm", "changed", 10),
    ("python's docstring", WORKER, "Ends it.", "Ends.", "on_sigterm", "cosmetic", 0),
    ("python's constant", WORKER, "MAX_RETRIES = 3", "MAX_RETRIES = 4", "MAX_RETRIES", "changed", 10),
]


@pytest.mark.parametrize("change", CHANGES, ids=[c[0] for c in CHANGES])
@pytest.mark.parametrize("mode", ["lock", "since", "diff", "hashes"])
def test_a_change_is_judged(ray: Ray, drift: Drift, change: tuple[str, str, str, str, str, str, int], mode: str) -> None:
    _, path, old, new, symbol, verdict, code = change
    before = ray.commit()
    ray.edit(path, old, new)
    arguments: tuple[str, ...] = ()
    if mode == "since":
        arguments = ("--since", before)
    elif mode == "diff":
        ray.write("../pr.diff", ray.diff())
        arguments = ("--diff", str(ray.folder / "../pr.diff"))
    elif mode == "hashes":  # of a tree without history, only the lock speaks
        (ray.folder / ".git").rename(ray.folder / "../elsewhere")
        passing = path in (NODE_MANAGER, SERVER) and change[0] in ("passed on",)
        verdict = "changed" if passing else "same" if verdict == "cosmetic" else verdict
        code = 10 if passing else code
    ran = drift(*arguments, "--format", "json")
    verdicts = {c["symbol"].rsplit("::", 1)[-1]: c["verdict"] for c in ran.json["citations"]}  # type: ignore[attr-defined]
    assert verdicts.pop(symbol) == verdict, ran.out
    assert set(verdicts.values()) == {"same"}
    assert ran.code == code


def test_nothing_changed(drift: Drift) -> None:
    ran = drift()
    assert ran.code == 0
    assert "rows to read again: 0 of 10" in ran.out


def _verdict(ran: object, symbol: str) -> tuple[str, str]:
    for cite in ran.json["citations"]:  # type: ignore[attr-defined]
        if cite["symbol"].endswith(symbol):
            return cite["verdict"], cite["now"]
    raise AssertionError(symbol)


def test_a_function_that_moves_to_another_file(ray: Ray, drift: Drift) -> None:
    text = (ray.folder / NODE_MANAGER).read_text()
    start, end = text.index("void NodeManager::HandleReturnWorkerLease"), text.index("void NodeManager::Tick")
    ray.write(NODE_MANAGER, text[:start] + text[end:])
    ray.write("src/ray/raylet/leases.cc", "namespace ray {\n" + text[start:end] + "}\n")
    ran = drift("--format", "json")
    assert _verdict(ran, "HandleReturnWorkerLease") == ("moved", "src/ray/raylet/leases.cc")
    assert ran.code == 0
    assert "its citation is to be mended: model/drain.cpp:" in drift().out
    ray.edit("src/ray/raylet/leases.cc", "if (disconnect)", "if (!disconnect)")
    ran = drift("--format", "json")
    assert _verdict(ran, "HandleReturnWorkerLease") == ("changed", "src/ray/raylet/leases.cc")
    assert ran.code == 10


def test_a_file_that_is_renamed(ray: Ray, drift: Drift) -> None:
    (ray.folder / NODE_MANAGER).rename(ray.folder / "src/ray/raylet/node.cc")
    ran = drift("--format", "json")
    assert _verdict(ran, "HandleDrainRaylet") == ("moved", "src/ray/raylet/node.cc")
    assert ran.json["calls"] == []


def test_renames(ray: Ray, drift: Drift) -> None:
    before = ray.commit()
    for path in (NODE_MANAGER, HEADER):
        ray.write(path, (ray.folder / path).read_text().replace("worker", "holder").replace("resources_", "capacity_"))
    ran = drift("--since", before, "--format", "json")
    assert _verdict(ran, "HandleReturnWorkerLease")[0] == "renamed"
    assert _verdict(ran, "HandleDrainRaylet")[0] == "renamed"
    assert ran.code == 0


def test_a_member_that_stands_elsewhere_is_not_renamed(ray: Ray, drift: Drift) -> None:
    """`usage_` is another member of the same file: to take it for `resources_` is a change."""
    ray.edit(NODE_MANAGER, "resources_.SetDraining", "usage_.SetDraining")
    assert _verdict(drift("--format", "json"), "HandleDrainRaylet")[0] == "changed"


def test_a_cited_function_with_another_name(ray: Ray, drift: Drift) -> None:
    text = (ray.folder / NODE_MANAGER).read_text()
    ray.write(NODE_MANAGER, text.replace("HandleReturnWorkerLease", "HandleGiveBackLease"))
    ran = drift("--format", "json")
    assert _verdict(ran, "HandleReturnWorkerLease") == ("renamed", NODE_MANAGER)
    assert "is now NodeManager::HandleGiveBackLease" in drift().out


def test_a_signature(ray: Ray, drift: Drift) -> None:
    ray.edit(NODE_MANAGER, "(const LeaseID &lease_id, bool disconnect)", "(const LeaseID &lease_id, bool disconnect, int why)")
    ran = drift("--format", "json")
    assert _verdict(ran, "HandleReturnWorkerLease")[0] == "signature"
    assert ran.code == 0


def test_gone(ray: Ray, drift: Drift) -> None:
    text = (ray.folder / NODE_MANAGER).read_text()
    start, end = text.index("void NodeManager::HandleReturnWorkerLease"), text.index("void NodeManager::Tick")
    ray.write(NODE_MANAGER, text[:start] + text[end:])
    ran = drift("--format", "json")
    assert _verdict(ran, "HandleReturnWorkerLease")[0] == "gone"
    assert ran.code == 11


def test_a_mention_is_no_definition(ray: Ray, drift: Drift) -> None:
    """A declaration and a call are not what a row cites."""
    text = (ray.folder / NODE_MANAGER).read_text()
    start, end = text.index("void NodeManager::HandleReturnWorkerLease"), text.index("void NodeManager::Tick")
    ray.write(NODE_MANAGER, text[:start] + "void NodeManager::HandleReturnWorkerLease(const LeaseID &lease_id, bool disconnect);\n" + text[end:])
    assert drift().code == 11


def test_only_some_statements_of_a_function(ray: Ray, drift: Drift, project: object) -> None:
    """`only` narrows a citation of a long function to the statements with a word."""
    lock = project / "model/sources.toml"  # type: ignore[operator]
    lock.write_text(
        lock.read_text().replace(
            'reader = "B" },\n]\n\n[[file]]\npath = "src/ray/protobuf', 'reader = "B", only = ["Run"] },\n]\n\n[[file]]\npath = "src/ray/protobuf'
        )
    )
    assert "only" in lock.read_text()
    assert drift().code == 10, "the hash is still that of the whole"
    assert drift("--accept", "gcs.G16.opens", "--reader", "C").code == 0
    ray.edit(SERVER, "PrintState();", "PrintMore();")
    ray.edit(SERVER, "  Load();", "  LoadAll();")
    assert drift().code == 0
    ray.edit(SERVER, "rpc_server_.Run();", "rpc_server_.Run(port_);")
    assert drift().code == 0, "a parameter passed on"
    ray.edit(SERVER, "rpc_server_.Run(port_);", "if (ready_) rpc_server_.Run();")
    assert drift().code == 10
