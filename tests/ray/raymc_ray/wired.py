"""A wire beside a session, which only writes down what it sees: it runs in a thread of the recording process.

with Wired(folder) as wires:
    behind.write(folder, wires)
"""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from types import TracebackType

from raymc_ray import behind
from wire import recorder
from wire.wire import Wire

_START_SECONDS = 30.0


class Wired:
    """Started when the block is entered; connections end with it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="wire", daemon=True)
        self._wire: Wire | None = None

    def __enter__(self) -> list[behind.Variables]:
        self._thread.start()
        self._wire = asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(_START_SECONDS)
        return [self._wire.environment(behind.FIRST_NODE + index) for index in range(behind.DRIVER_NODE)]

    async def _start(self) -> Wire:
        wire = Wire(self._folder)
        await wire.start()
        return wire

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._wire is not None:
            asyncio.run_coroutine_threadsafe(self._wire.stop(), self._loop).result(_START_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_START_SECONDS)

    @property
    def record(self) -> Path:
        return self._folder / recorder.FILE
