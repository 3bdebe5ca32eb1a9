"""What redis is asked, and what a process reads of its machine's memory, without Ray."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("h2")

from wire import resp
from wire.wire import Wire

_LIMIT = 10.0


def _command(*words: bytes) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


def test_a_command_that_is_lost_is_answered_in_its_turn(tmp_path: Path) -> None:
    """The client tells answers apart by their order alone: an error that comes too early is taken for the answer to the command before."""
    known = {b"PING": b"+PONG\r\n", b"HSET": b":1\r\n"}

    async def store(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got, asked = bytearray(), []
        while len(asked) < 3:  # it answers only when it has been asked everything
            got += await reader.read(1000)
            asked += [value[0] for value, _ in resp.split(got)]
        writer.write(b"".join(known.get(name, b"-ERR unknown command\r\n") for name in asked))
        await writer.drain()
        writer.close()

    async def body() -> bytes:
        wire = Wire(tmp_path)
        await wire.start()
        wire.decide_by(lambda message: message.lose() if message.name == "HSET" and message.direction == "request" else None)
        server = await asyncio.start_server(store, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection(f"127.{port >> 8}.{port & 255}.1", wire.port, local_addr=("127.0.3.7", 0))
        for words in ((b"PING",), (b"HSET", b"NODE", b"n1", b"dead"), (b"PING",)):
            writer.write(_command(*words))
        answers = b""
        while answers.count(b"\r\n") < 3:
            answers += await asyncio.wait_for(reader.read(1000), _LIMIT)
        writer.close()
        server.close()
        await wire.stop()
        return answers

    first, second, third = asyncio.run(body()).split(b"\r\n")[:3]
    assert (first, second[:4], third) == (b"+PONG", b"-ERR", b"+PONG")


_READS = """
import ctypes, sys
libc = ctypes.CDLL(None)
for function in (libc.fopen, libc.fopen64):
    function.restype = ctypes.c_void_p
    file, line = function(sys.argv[1].encode(), b"r"), ctypes.create_string_buffer(200)
    libc.fgets(line, 200, ctypes.c_void_p(file))
    print(line.value.decode().split()[0], line.value.decode().split()[-2])
"""


def test_a_process_reads_of_as_much_memory_as_it_is_told(tmp_path: Path) -> None:
    async def told() -> dict[str, str]:
        wire = Wire(tmp_path)
        await wire.start()
        environment = wire.environment(1)
        wire.say_memory(1, 0.5)
        await wire.stop()
        return environment

    environment = {**os.environ, **asyncio.run(told()), "RAYMC_WIRE_PORT": "0"}

    def reads(path: str) -> list[str]:
        answer = subprocess.run([sys.executable, "-c", _READS, path], env=environment, capture_output=True, text=True, check=True)
        return answer.stdout.splitlines()

    assert reads("/proc/meminfo") == ["MemTotal: 1048576"] * 2
    Path(environment["RAYMC_WIRE_MEMORY"]).unlink()
    own = next(line.split()[1] for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal:"))
    assert reads("/proc/meminfo") == [f"MemTotal: {own}"] * 2, "without a word from the wire it is the machine's"
