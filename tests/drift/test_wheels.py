"""Two releases compared without source: small programs are compiled, and their functions are told apart."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import Drift, Ran
from raymc_drift.binary import bare, owners
from raymc_drift.cli import main

pytest.importorskip("capstone")
COMPILER = shutil.which("g++")
pytestmark = pytest.mark.skipif(COMPILER is None, reason="no g++ here")

PROGRAMS = ("core/src/ray/raylet/raylet", "core/src/ray/gcs/gcs_server")
VERSION = 'commit = "{commit}"\nversion = "{version}"\n'
WORKER = "MAX_RETRIES = 3\n\n\nclass Worker:\n    def main_loop(self):\n        def on_sigterm(signum, frame):\n            sys.exit(1)\n"
PROGRAM = """\
#include <functional>
#define APART __attribute__((noinline))
volatile int sink;
void say(const char *text);
void post(std::function<void()> f);
namespace ray {
namespace {
int spare = 0;
}
APART void Log(int n) { sink += n; say("logged by ray"); }
namespace raylet {
struct Resources {
  APART void ReadStore() { sink += 3; say("the store is read"); }
  APART void SetDraining(int n) { sink = n; say("draining now"); }
};
struct NodeManager {
  void HandleDrainRaylet(int request);
  void HandleReturnWorkerLease(int lease, bool disconnect);
  void HandleDrain(int n);
  Resources resources_;
};
void NodeManager::HandleDrainRaylet(int request) {
  say("asked to drain");
  resources_.SetDraining(request);
}
void NodeManager::HandleReturnWorkerLease(int lease, bool disconnect) {
  if (disconnect) Log(lease);
}
void NodeManager::HandleDrain(int n) {
  post([n] { Log(n); say("said in a lambda"); });
}
}  // namespace raylet
}  // namespace ray
int main(int n, char **) {
  ray::raylet::NodeManager manager;
  manager.HandleDrainRaylet(n + ray::spare);
  manager.HandleReturnWorkerLease(n, true);
  manager.HandleDrain(n);
  return sink;
}
void say(const char *text) { sink += text[0]; }
void post(std::function<void()> f) { f(); }
"""


def build(source: str, to: Path, *flags: str) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    assert COMPILER is not None
    subprocess.run([COMPILER, "-x", "c++", "-std=c++17", "-O1", *flags, "-o", str(to), "-"], input=source, text=True, check=True)


def wheel(folder: Path, version: str, program: str = PROGRAM, worker: str = WORKER) -> Path:
    """A folder with what a wheel holds of the programs; the shared library calls through its table."""
    ray = folder / version / "ray"
    build(program, ray / PROGRAMS[0])
    build("int main() {}", ray / PROGRAMS[1])
    build("int x;", ray / "_raylet.so", "-shared", "-fPIC")
    (ray / "_private").mkdir()
    (ray / "_private/worker.py").write_text(worker)
    (ray / "_version.py").write_text(VERSION.format(commit="ab" * 20, version=version))
    return ray.parent


def changed(old: str, new: str) -> str:
    assert PROGRAM.count(old) == 1, old
    return PROGRAM.replace(old, new)


@pytest.fixture
def wheels(project: Path, capsys: pytest.CaptureFixture[str]) -> Drift:
    def call(*arguments: str, tree: Path | None = None) -> Ran:
        try:
            code = main(["--wheels", *arguments])
        except SystemExit as end:
            code = int(str(end.code))
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    return call


def seen(ran: Ran, symbol: str = "NodeManager::HandleDrainRaylet") -> dict[str, object]:
    citations = ran.json["citations"]
    assert isinstance(citations, list)
    found = [c for c in citations if c["symbol"] == symbol]
    assert len(found) == 1, [c["symbol"] for c in citations]
    assert isinstance(found[0], dict)
    return found[0]


def compare(wheels: Drift, folder: Path, program: str, worker: str = WORKER) -> Ran:
    return wheels(str(wheel(folder, "1.0.0")), str(wheel(folder, "1.1.0", program, worker)), "--format", "json")


def test_nothing_differs(wheels: Drift, tmp_path: Path) -> None:
    ran = compare(wheels, tmp_path, changed("// namespace raylet", "// the raylet's"))
    assert ran.code == 0
    assert seen(ran)["seen"] == "alike"
    assert ran.json["rows"] == []
    assert seen(ran, "heartbeat_period_ms")["seen"] == "not seen", "a constant has no code"


def test_a_new_call_differs(wheels: Drift, tmp_path: Path) -> None:
    ran = compare(wheels, tmp_path, changed('say("asked to drain");', 'say("asked to drain"); resources_.ReadStore();'))
    assert ran.code == 10
    found = seen(ran)
    assert (found["seen"], found["+call"], found["-call"], found["+text"]) == ("differs", ["ray::raylet::Resources::ReadStore"], [], [])
    assert ran.json["rows"] == ["raylet.R45.drain"]
    assert seen(ran, "NodeManager::HandleReturnWorkerLease")["seen"] == "alike"
    old = seen(compare_back(wheels, tmp_path))
    assert (old["+call"], old["-call"]) == ([], ["ray::raylet::Resources::ReadStore"])


def compare_back(wheels: Drift, folder: Path) -> Ran:
    return wheels(str(folder / "1.1.0"), str(folder / "1.0.0"), "--format", "json")


def test_another_text_differs(wheels: Drift, tmp_path: Path) -> None:
    ran = compare(wheels, tmp_path, changed('"asked to drain"', '"asked to leave"'))
    found = seen(ran)
    assert (ran.code, found["-text"], found["+text"]) == (10, ["asked to drain"], ["asked to leave"])


def test_a_lambda_belongs_to_the_function_that_it_is_written_in(wheels: Drift, tmp_path: Path, ray: object, project: Path) -> None:
    cite(project, "src/ray/raylet/node_manager.cc", "NodeManager::HandleDrain")
    ran = compare(wheels, tmp_path, changed("Log(n); say", "Resources().ReadStore(); say"))
    found = seen(ran, "NodeManager::HandleDrain")
    assert (found["seen"], found["-call"], found["+call"]) == ("differs", ["ray::Log"], ["ray::raylet::Resources::ReadStore"])


def cite(project: Path, path: str, symbol: str) -> None:
    """Lets a symbol decide a row besides."""
    file = project / "model/sources.toml"
    text = file.read_text()
    entry = (
        f'  {{ symbol = "{symbol}", body = "0123456789abcdef", signature = "0123456789abcdef", read = "2026-01-02", also = ["raylet.R45.drain"] }},\n'
    )
    head = f'path = "{path}"\ncites = [\n'
    assert head in text
    file.write_text(text.replace(head, head + entry))


def test_inlining_is_no_difference(wheels: Drift, tmp_path: Path) -> None:
    inlined = changed("APART void SetDraining", "__attribute__((always_inline)) inline void SetDraining")
    assert seen(compare(wheels, tmp_path, inlined))["seen"] == "alike"
    assert seen(compare_back(wheels, tmp_path))["seen"] == "alike"
    moved = inlined.replace('"draining now"', '"draining later"')
    other = seen(wheels(str(tmp_path / "1.0.0"), str(wheel(tmp_path, "1.2.0", moved)), "--format", "json"))
    assert other["seen"] == "differs", "what is inlined does something else"


def test_code_that_is_gone_or_new(wheels: Drift, tmp_path: Path) -> None:
    renamed = PROGRAM.replace("HandleDrainRaylet", "HandleDrainOther")
    ran = compare(wheels, tmp_path, renamed)
    assert (ran.code, seen(ran)["seen"]) == (10, "gone")
    assert ran.json["handlers"] == {"new": ["ray::raylet::NodeManager::HandleDrainOther"], "lost": ["ray::raylet::NodeManager::HandleDrainRaylet"]}
    assert seen(compare_back(wheels, tmp_path))["seen"] == "new"


def test_calls_through_tables(wheels: Drift, tmp_path: Path) -> None:
    """Functions that a shared library exports are called through its linkage table, or through the table of offsets."""
    for flag in ("-fplt", "-fno-plt"):
        pair = []
        for version, program in (("2.0.0", PROGRAM), ("2.1.0", changed("resources_.SetDraining(request)", "resources_.ReadStore()"))):
            folder = wheel(tmp_path / flag, version, "int main() {}")
            build(program, folder / "ray/_raylet.so", "-shared", "-fPIC", "-fsemantic-interposition", flag)
            pair.append(str(folder))
        found = seen(wheels(*pair, "--format", "json"))
        assert (found["-call"], found["+call"]) == (["ray::raylet::Resources::SetDraining"], ["ray::raylet::Resources::ReadStore"]), flag


def test_python_is_compared_as_source(wheels: Drift, tmp_path: Path) -> None:
    ran = compare(wheels, tmp_path, PROGRAM, WORKER.replace("sys.exit(1)", "sys.exit(2)").replace("MAX_RETRIES = 3", "MAX_RETRIES = 3  # tries"))
    assert seen(ran, "Worker::main_loop::on_sigterm")["seen"] == "differs"
    assert seen(ran, "MAX_RETRIES")["seen"] == "alike"


def test_text_says_what_to_look_at(wheels: Drift, tmp_path: Path) -> None:
    old, new = wheel(tmp_path, "1.0.0"), wheel(tmp_path, "1.1.0", changed('say("asked to drain");', "resources_.ReadStore();"))
    ran = wheels(str(old), str(new))
    assert ran.code == 10
    assert f"from Ray 1.0.0, {'ab' * 20}" in ran.out
    assert "          +call ray::raylet::Resources::ReadStore\n" in ran.out
    assert "          -text asked to drain\n" in ran.out
    assert "row raylet.R45.drain: raylet.R45.drain says this" in ran.out
    assert "safeguard drain_reads_store" in ran.out and "run: ./raymc check specs/scenarios/ci/drain.toml" in ran.out
    assert "same" not in ran.out.replace("the same", ""), "of a wheel nothing is held to be the same"


def test_a_wheel_file_is_read(wheels: Drift, tmp_path: Path) -> None:
    folder = wheel(tmp_path, "1.0.0")
    file = tmp_path / "ray-1.0.0-cp311-cp311-manylinux2014_x86_64.whl"
    with zipfile.ZipFile(file, "w") as archive:
        for path in folder.rglob("*"):
            archive.write(path, path.relative_to(folder))
    assert wheels(str(file), str(folder)).code == 0
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    assert wheels(str(file), str(folder)).code == 65


def damaged(folder: Path, how: str) -> None:
    raylet = folder / "ray" / PROGRAMS[0]
    data = bytearray(raylet.read_bytes())
    if how == "stripped":
        subprocess.run(["strip", str(raylet)], check=True)
    elif how == "for another machine":
        data[18:20] = (183).to_bytes(2, "little")
        raylet.write_bytes(data)
    elif how == "cut":
        raylet.write_bytes(data[: len(data) // 2])
    elif how == "no program":
        raylet.write_bytes(b"#!/bin/sh\n")
    elif how == "missing":
        raylet.unlink()
    else:
        (folder / "ray/_version.py").write_text('version = "1.0.0"\n')


@pytest.mark.parametrize("how", ["stripped", "for another machine", "cut", "no program", "missing", "of no version"])
def test_what_is_no_release_is_refused(wheels: Drift, tmp_path: Path, how: str) -> None:
    good, bad = wheel(tmp_path, "1.0.0"), wheel(tmp_path, "1.1.0")
    damaged(bad, how)
    ran = wheels(str(good), str(bad))
    assert ran.code == 65, ran
    assert "1.1.0" in ran.err and "Traceback" not in ran.err


def test_command_lines(wheels: Drift, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert wheels("1.0.0").code == 64
    assert wheels("1.0.0", "1.1.0", "/a/tree").code == 64
    assert wheels("1.0.0", "1.1.0", "--since", "x").code == 64
    assert wheels("1.0.0", "1.1.0", "--format", "github").code == 64
    assert main_code() == 64
    assert wheels("no such thing", "1.1.0").code == 65
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    assert wheels("1.0.0", "1.1.0").code == 74, "a release that cannot be fetched"
    monkeypatch.setitem(sys.modules, "capstone", None)
    assert wheels(str(wheel(tmp_path, "1.0.0")), str(tmp_path / "1.0.0")).code == 74, "nothing to read programs with"


def main_code() -> int:
    try:
        return main([])
    except SystemExit as end:
        return int(str(end.code))


@pytest.mark.parametrize(
    ("name", "short"),
    [
        (
            "ray::raylet::NodeManager::HandleDrainRaylet(ray::rpc::DrainRayletRequest, std::function<void ()>) [clone .cold]",
            "ray::raylet::NodeManager::HandleDrainRaylet",
        ),
        ("void ray::core::Store::Put<int, std::vector<long> >(int)", "ray::core::Store::Put"),
        ("ray::rpc::(anonymous namespace)::Make()", "ray::rpc::Make"),
        ("ray::operator<<(std::ostream&, ray::BaseID<ray::NodeID> const&)", "ray::operator<<"),
        ("ray::ID::operator()(int) const", "ray::ID::operator()"),
    ],
)
def test_names(name: str, short: str) -> None:
    assert bare(name) == short


def test_owners_of_lambdas() -> None:
    inner = "ray::raylet::NodeManager::Register()::{lambda(ray::Status)#1}"
    assert "ray::raylet::NodeManager::Register" in owners(f"std::_Function_handler<void (ray::Status), {inner}>::_M_invoke(std::_Any_data const&)")
    assert "ray::raylet::NodeManager::Register" in owners(f"{inner}::operator()(ray::Status) const")
    assert "ray::raylet::NodeManager::Register" not in owners(f"std::_Function_handler<void (), {inner}>::_M_manager(std::_Any_data&)")
