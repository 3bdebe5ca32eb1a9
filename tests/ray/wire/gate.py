"""Gates: one thread of a process waits at the entry of a C++ function until the gate is opened; all other threads run on.

The wheel's binaries keep their symbols, so every function that a rule of the model names can be a gate. x86-64 Linux, by ptrace; the process must belong to
the caller. A gate orders two threads of a process; what one thread orders by itself it cannot change.
"""

from __future__ import annotations

import ctypes
import os
import signal
import struct
import subprocess
import threading
import time
from functools import cache
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long

_SEIZE, _INTERRUPT, _DETACH, _CONT, _GETREGS, _SETREGS = 0x4206, 0x4207, 17, 7, 12, 13
_TRACE_CLONES = 8
_WALL, _OF_THIS_THREAD = 0x40000000, 0x20000000
_TRAP = b"\xcc"
_REGISTERS, _RIP = 27, 16
_LOOK_SECONDS = 0.0005
_SOON_SECONDS = 20.0


class NoGate(Exception):
    """The function cannot be a gate there; the text says why."""


@cache
def _symbols(binary: Path) -> list[tuple[int, str]]:
    """Offsets and mangled names of the functions of a binary."""
    try:
        listed = subprocess.run(["nm", "--defined-only", binary], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise NoGate(f"the symbols of {binary.name} cannot be read: {error}") from None
    words = [line.split() for line in listed.splitlines()]
    return [(int(each[0], 16), each[2]) for each in words if len(each) == 3 and each[1] in "tT"]


def offset(binary: Path, function: str) -> int:
    """Where `Class::Function` begins; raises NoGate unless there is exactly one of that name."""
    mangled = "".join(f"{len(part)}{part}" for part in function.split("::")) + "E"
    cut = (".cold", ".isra", "clone")  # parts of functions that the compiler has put elsewhere
    found = [at for at, name in _symbols(binary) if name.startswith("_ZN") and mangled in name and not any(each in name for each in cut)]
    if len(found) != 1:
        raise NoGate(f"{binary.name} has {len(found)} functions called {function}")
    return found[0]


class Gate:
    """Holds the first thread that calls `function` in the process, from the moment that it is there. Open it in any case."""

    def __init__(self, pid: int, binary: Path, function: str) -> None:
        self._pid = pid
        self._address = self._base(binary) + offset(binary, function)
        self._met = threading.Event()
        self._opened = threading.Event()
        self._ready = threading.Event()
        self._error = ""
        self._thread = threading.Thread(target=self._run, daemon=True)  # ptrace knows tracers by thread
        self._thread.start()
        self._ready.wait(_SOON_SECONDS)
        if self._error or not self._ready.is_set():
            raise NoGate(self._error or f"the threads of {pid} cannot be traced in time")

    @property
    def met(self) -> bool:
        """Whether a thread waits, or has waited."""
        return self._met.is_set()

    def open(self) -> None:
        """Lets the thread go on, and everybody else pass from now on."""
        self._opened.set()
        self._thread.join(_SOON_SECONDS)

    def _base(self, binary: Path) -> int:
        real = os.path.realpath(binary)
        for line in Path(f"/proc/{self._pid}/maps").read_text().splitlines():
            words = line.split()
            if len(words) > 5 and os.path.realpath(words[5]) == real and words[2] == "00000000":
                return int(words[0].split("-")[0], 16)
        raise NoGate(f"{binary.name} is not loaded in {self._pid}")

    # In the tracing thread.

    def _run(self) -> None:
        traced = self._seize()
        if not traced:
            self._error = f"the threads of {self._pid} cannot be traced: {os.strerror(ctypes.get_errno())}"
            self._ready.set()
            return
        original = self._peek()
        self._poke(_TRAP)
        self._ready.set()
        held = self._wait(traced, original)
        if held is None:
            self._poke(original)
        for thread in traced:
            if thread != held:
                self._stop(thread)
            _libc.ptrace(_DETACH, thread, None, None)

    def _seize(self) -> set[int]:
        traced: set[int] = set()
        for _ in range(3):  # threads may be born meanwhile
            for name in os.listdir(f"/proc/{self._pid}/task"):
                if int(name) not in traced and _libc.ptrace(_SEIZE, int(name), None, _TRACE_CLONES) == 0:
                    traced.add(int(name))
        return traced

    def _wait(self, traced: set[int], original: bytes) -> int | None:
        """Until the gate is opened; the thread that waits at it, if one does."""
        held = None
        while not self._opened.is_set():
            try:
                thread, status = os.waitpid(-1, _WALL | os.WNOHANG | _OF_THIS_THREAD)
            except ChildProcessError:
                return None  # the process has ended
            if thread == 0:
                time.sleep(_LOOK_SECONDS)
                continue
            if os.WIFEXITED(status) or os.WIFSIGNALED(status):
                traced.discard(thread)
                continue
            number, event = os.WSTOPSIG(status), status >> 16
            if event:  # it was born, or has a child
                traced.add(thread)
                _libc.ptrace(_CONT, thread, None, None)
            elif number == signal.SIGTRAP and self._step_back(thread):
                self._poke(original)
                held = thread
                self._met.set()
            else:
                _libc.ptrace(_CONT, thread, None, None if number == signal.SIGTRAP else number)
        return held

    def _stop(self, thread: int) -> None:
        """A thread has to stand still to be let go."""
        if _libc.ptrace(_INTERRUPT, thread, None, None) != 0:
            return
        end = time.monotonic() + _SOON_SECONDS
        while time.monotonic() < end:
            try:
                stopped, status = os.waitpid(thread, _WALL | os.WNOHANG)
            except ChildProcessError:
                return
            if stopped:
                if os.WIFSTOPPED(status) and os.WSTOPSIG(status) == signal.SIGTRAP and not status >> 16:
                    self._step_back(thread)  # it ran into the trap just now
                return
            time.sleep(_LOOK_SECONDS)

    def _step_back(self, thread: int) -> bool:
        """Puts a thread that ran into the trap back to the function's first byte; False if it stopped for something else."""
        buffer = ctypes.create_string_buffer(_REGISTERS * 8)
        _libc.ptrace(_GETREGS, thread, None, ctypes.cast(buffer, ctypes.c_void_p))
        registers = list(struct.unpack(f"{_REGISTERS}Q", buffer.raw))
        if registers[_RIP] != self._address + 1:
            return False
        registers[_RIP] = self._address
        buffer.raw = struct.pack(f"{_REGISTERS}Q", *registers)
        _libc.ptrace(_SETREGS, thread, None, ctypes.cast(buffer, ctypes.c_void_p))
        return True

    def _peek(self) -> bytes:
        with open(f"/proc/{self._pid}/mem", "rb", 0) as memory:
            memory.seek(self._address)
            return memory.read(1)

    def _poke(self, byte: bytes) -> None:
        try:
            with open(f"/proc/{self._pid}/mem", "r+b", 0) as memory:
                memory.seek(self._address)
                memory.write(byte)
        except OSError:
            pass  # the process has ended
