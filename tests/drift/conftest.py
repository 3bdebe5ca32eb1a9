"""A small Ray with history, and a project whose rows cite it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "specs" / "drift"
sys.path.insert(0, str(PACKAGE))

from raymc_drift.cli import main  # noqa: E402

NODE_MANAGER = "src/ray/raylet/node_manager.cc"
HEADER = "src/ray/raylet/node_manager.h"
CONFIG = "src/ray/common/ray_config_def.h"
PROTO = "src/ray/protobuf/node_manager.proto"
CLIENT = "src/ray/rpc/client.h"
PYX = "python/ray/_raylet.pyx"
WORKER = "python/ray/_private/worker.py"
SERVER = "src/ray/gcs/gcs_server.cc"

FILES = {
    NODE_MANAGER: """\
#include "ray/raylet/node_manager.h"

namespace ray {
namespace raylet {

/// Drains.
void NodeManager::HandleDrainRaylet(rpc::DrainRequest request, rpc::DrainReply *reply) {
  RAY_LOG(INFO) << "asked to drain";
  if (!resources_.IsIdle()) {
    reply->set_accepted(false);
    return;
  }
  drains_.Record(1);
  resources_.SetDraining(std::move(request));
  reply->set_accepted(true);
}

void NodeManager::HandleReturnWorkerLease(const LeaseID &lease_id, bool disconnect) {
  auto worker = leased_workers_[lease_id];
  RAY_CHECK(worker != nullptr) << "no worker";
  ReleaseWorker(worker);
  if (disconnect) {
    DisconnectWorker(worker);
  }
}

void NodeManager::Tick() {
  const auto report_usage = [this](int count) {
    usage_ += count;
    Publish(usage_);
  };
  if (draining_) {
    HandleReturnWorkerLease(oldest_, false);
  }
  report_usage(1);
}

}  // namespace raylet
}  // namespace ray
""",
    CONFIG: """\
RAY_CONFIG(int64_t, drain_timeout_ms, 1000)
RAY_CONFIG(int64_t, lease_timeout_ms, 1000)
/// How often.
RAY_CONFIG(uint64_t,
           heartbeat_period_ms,
           500)
""",
    PROTO: """\
syntax = "proto3";
message DrainRequest {
  int64 deadline = 1;  // when
}
message DrainReply {
  bool accepted = 1;
}
service NodeManagerService {
  rpc Drain(DrainRequest) returns (DrainReply);
}
""",
    HEADER: """\
class NodeManager {
  void HandleReturnWorkerLease(const LeaseID &lease_id, bool disconnect);
  Resources resources_;
  Workers leased_workers_;
  int usage_ = 0;
};
""",
    CLIENT: """\
class Client {
 public:
  VOID_RPC_CLIENT_METHOD(NodeManagerService,
                         ReturnLease,
                         grpc_client_,
                         /*timeout_ms*/ -1, )
};
""",
    PYX: """\
cdef execute_task(task, attempt):
    # runs it
    if attempt > 3:
        raise ValueError(task)
    return task.run()
""",
    WORKER: """\
MAX_RETRIES = 3


class Worker:
    def main_loop(self):
        def on_sigterm(signum, frame):
            \"\"\"Ends it.\"\"\"
            sys.exit(1)

        set_handler(on_sigterm)
""",
    SERVER: """\
namespace ray {
void GcsServer::Start() {
  Load();
  rpc_server_.Run();
  periodical_runner_.Repeat([this] { PrintState(); }, 1000);
}
}  // namespace ray
""",
}
ROWS = [
    ("raylet.R45.drain", NODE_MANAGER, "HandleDrainRaylet"),
    ("raylet.R31.return_lease", NODE_MANAGER, "HandleReturnWorkerLease"),
    ("raylet.V1.report", NODE_MANAGER, "report_usage"),
    ("owner.O1.period", CONFIG, "heartbeat_period_ms"),
    ("gcs.G10.drain", PROTO, "Drain"),
    ("owner.S12.return", CLIENT, "ReturnLease"),
    ("worker.W7.runs", PYX, "execute_task"),
    ("worker.W12.sigterm", WORKER, "on_sigterm"),
    ("owner.O12.retries", WORKER, "MAX_RETRIES"),
    ("gcs.G16.opens", SERVER, "Start"),
]
MODEL = """\
constexpr Transition kRows[] = {
    {
        .id = "raylet.R45.drain",
        .guard = [](const View& view, const Action& a) { return may_drain(view, a); },
    },
    {
        .id = "raylet.R31.return_lease",
        .effect = [](Step& step, const Action& a) { step.release(a); },
    },
};
"""
GUARD_ROWS = [
    ("drain_reads_store", "a drain reads the store", NODE_MANAGER, "HandleDrainRaylet"),
    ("unrelated", "nobody asks it", CONFIG, "lease_timeout_ms"),
]
GUARDS = """\
constexpr SafeguardRow kRows[] = {
    {kDrainReadsStore, "drain_reads_store", "a drain reads the store", "#1", Feature::kDrain},
    {kUnrelated, "unrelated", "nobody asks it", "#2", Feature::kCore},
};
"""


def run(where: Path, *arguments: str) -> str:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
    for who in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{who}_NAME": "A", f"GIT_{who}_EMAIL": "a@b", f"GIT_{who}_DATE": "2026-01-02T03:04:05Z"}
    return subprocess.run(["git", "-C", str(where), *arguments], check=True, capture_output=True, text=True, env=environment).stdout


@dataclass
class Ray:
    """A checkout with history."""

    folder: Path

    def write(self, path: str, text: str) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text)

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.folder / path).read_text()
        assert text.count(old) == 1, (path, old)
        self.write(path, text.replace(old, new))

    def commit(self, subject: str = "x") -> str:
        run(self.folder, "add", "-A")
        run(self.folder, "commit", "-q", "--allow-empty", "-m", subject)
        return run(self.folder, "rev-parse", "HEAD").strip()

    def diff(self, *arguments: str) -> str:
        return run(self.folder, "diff", *arguments)


@dataclass
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, object]:
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found


Drift = Callable[..., Ran]


@pytest.fixture
def ray(tmp_path: Path) -> Ray:
    made = Ray(tmp_path / "ray")
    made.folder.mkdir()
    run(made.folder, "init", "-q", "-b", "master")
    for path, text in FILES.items():
        made.write(path, text)
    made.commit("first")
    return made


@pytest.fixture
def project(tmp_path: Path, ray: Ray, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A project that has read all that its rows and safeguards cite."""
    root = tmp_path / "project"
    rows = [{"id": i, "is": "protocol", "says": f"{i} says this", "source": f"{path}: {symbol}", "about": []} for i, path, symbol in ROWS]
    rows.append({"id": "fault.F1.crash", "is": "environment", "says": "a crash", "source": "SIGKILL", "about": []})
    ids = [i for i, _, _ in ROWS] + [i for i, _, _, _ in GUARD_ROWS]
    guards = [{"id": i, "says": says, "source": f"{path}: {symbol}"} for i, says, path, symbol in GUARD_ROWS]
    revision = run(ray.folder, "rev-parse", "HEAD").strip()
    texts = {
        "results/transitions.json": json.dumps(rows),
        "results/coverage.tsv": "# made\nrule\ttotal\tspecs/scenarios/ci/all.toml\tspecs/scenarios/ci/drain.toml\n"
        + "".join(f"{i}\t2\t1\t{1 if 'R45' in i else 0}\n" for i, _, _ in ROWS),
        "results/golden.tsv": "# made\nscenario\toutcome\tproperty\tstates\ttrace_length\nspecs/scenarios/ci/all.toml\tholds\t-\t9000\t-\n"
        "specs/scenarios/ci/drain.toml\tholds\t-\t10\t-\nspecs/scenarios/defects/old_drain.toml\tviolated\tB3.kept\t7\t12\n",
        "specs/scenarios/defects/old_drain.toml": 'question = "Is a drain decided on old news?"\n[finding]\nstatus = "pinned"\n'
        '[expect]\nheld_by = ["drain_reads_store"]\n',
        "model/drain.cpp": "bool may_drain(const View& view, const Action& a) {\n  return view.has(Safeguard::kDrainReadsStore);\n}\n" + MODEL,
        "model/safeguard_table.cpp": GUARDS,
        "results/safeguards.json": json.dumps(guards),
        "model/sources.toml": f'schema = 2\nrepository = "https://x"\nrevision = "{revision}"\ndate = "2026-01-02"\nscheme = 1\n',
    }
    for path, text in texts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    monkeypatch.setenv("RAYMC_ROOT", str(root))
    code = main([str(ray.folder), *(part for i in ids for part in ("--accept", i)), "--reader", "B"])
    assert code == 0, capsys.readouterr()
    capsys.readouterr()
    return root


@pytest.fixture
def drift(project: Path, ray: Ray, capsys: pytest.CaptureFixture[str]) -> Drift:
    """Runs `./raymc drift` on the small Ray."""

    def call(*arguments: str, tree: Path | None = None) -> Ran:
        try:
            code = main([str(tree or ray.folder), *arguments])
        except SystemExit as end:
            code = int(str(end.code))
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    return call
