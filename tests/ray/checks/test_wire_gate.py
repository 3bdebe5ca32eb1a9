"""A gate holds one thread at a C++ function while others run on."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from raymc_ray import events
from wire.gate import Gate, NoGate, offset

_PROGRAM = """
#include <atomic>
#include <chrono>
#include <cstdio>
#include <thread>
std::atomic<int> steps{0};
struct Held { static void Enter(int n); };
struct Twice { static void Call(int); static void Call(long); };
__attribute__((noinline)) void Held::Enter(int n) { std::printf("entered %d\\n", n); std::fflush(stdout); }
__attribute__((noinline)) void Twice::Call(int) {}
__attribute__((noinline)) void Twice::Call(long) {}
int main() {
  std::thread other([] { for (;;) { std::this_thread::sleep_for(std::chrono::milliseconds(5)); std::printf("ticks\\n"); std::fflush(stdout); } });
  std::puts("begins"); std::fflush(stdout);
  std::this_thread::sleep_for(std::chrono::milliseconds(400));
  for (int n = 1; n < 4; ++n) Held::Enter(n);
  Twice::Call(1); Twice::Call(1L);
  other.join();
}
"""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path, Path]]:
    source, program, output = tmp_path / "x.cpp", tmp_path / "x", tmp_path / "out"
    source.write_text(_PROGRAM)
    subprocess.run(["c++", "-std=c++17", "-O1", "-pthread", "-o", program, source], check=True)
    with open(output, "wb") as file:
        process = subprocess.Popen([program], stdout=file)
    yield process, program, output
    process.kill()
    process.wait()


def test_a_gate_holds_one_thread_and_opens(running: tuple[subprocess.Popen[bytes], Path, Path]) -> None:
    process, program, output = running
    assert events.until(lambda: b"begins" in output.read_bytes(), 10)
    gate = Gate(process.pid, program, "Held::Enter")
    try:
        assert events.until(lambda: gate.met, 10)
        before = output.read_bytes()
        assert b"entered" not in before
        assert events.until(lambda: output.read_bytes().count(b"ticks") > before.count(b"ticks") + 5, 10), "the other thread runs on"
        assert b"entered" not in output.read_bytes()
    finally:
        gate.open()
    assert events.until(lambda: b"entered 3" in output.read_bytes(), 10), "later calls pass"
    assert process.poll() is None


def test_a_gate_that_nobody_comes_to_is_opened_without_a_trace(running: tuple[subprocess.Popen[bytes], Path, Path]) -> None:
    process, program, output = running
    assert events.until(lambda: b"begins" in output.read_bytes(), 10)
    Gate(process.pid, program, "Held::Enter").open()
    assert events.until(lambda: b"entered 3" in output.read_bytes(), 10)
    assert process.poll() is None


def test_a_process_that_ends_ends_its_gate(running: tuple[subprocess.Popen[bytes], Path, Path]) -> None:
    process, program, _ = running
    gate = Gate(process.pid, program, "Held::Enter")
    process.kill()
    process.wait()
    began = time.monotonic()
    gate.open()
    assert time.monotonic() - began < 10


def test_what_cannot_be_a_gate_is_said(running: tuple[subprocess.Popen[bytes], Path, Path]) -> None:
    process, program, _ = running
    with pytest.raises(NoGate, match="has 0 functions"):
        offset(program, "Held::Leave")
    with pytest.raises(NoGate, match="has 2 functions"):
        offset(program, "Twice::Call")
    with pytest.raises(NoGate, match="is not loaded"):
        Gate(process.pid, Path("/bin/true"), "Held::Enter")
