"""One driver process: connects, runs its steps, and says what each value was.

    python -m raymc_ray.driver ADDRESS INDEX

It reads the plan from the session's folder. It never decides anything: what it may do is in the plan.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
import time
from pathlib import Path
from typing import Any

from raymc_ray import events, loopback, plan, tasks, values
from raymc_ray.places import OK

_AWAIT_SECONDS = 240.0
_GET_SECONDS = 240.0


class Program:
    """Runs the steps of one driver."""

    def __init__(self, driver: plan.Driver) -> None:
        self._driver = driver
        self._known: dict[str, tuple[Any, int]] = {}
        self._open: list[str] = []
        self._keeping: dict[str, int] = {}  # tasks whose value carries the reference of another
        self._log = events.Log(Path(os.environ[events.FOLDER_VARIABLE]))

    def run(self) -> None:
        for step in self._driver.steps:
            getattr(self, "_" + step.do)(step)
        if self._driver.gets_all:
            for name in list(self._open):
                self._get_one(name)

    def _submit(self, step: plan.Submit) -> None:
        task = step.task
        reference = tasks.submit(task, self._known)
        self._known[task.name] = (reference, task.value_bytes)
        self._open.append(task.name)
        if task.keeps_bytes:
            self._keeping[task.name] = task.keeps_bytes
        events.emit("submitted", task.name, task=reference.task_id().hex(), object=reference.hex())

    def _put(self, step: plan.Put) -> None:
        import ray

        reference = ray.put(values.expected(step.name, step.value_bytes))
        self._known[step.name] = (reference, step.value_bytes)
        events.emit("put", step.name, object=reference.hex())

    def _get(self, step: plan.Get) -> None:
        for name in step.names:
            self._get_one(name)

    def _get_one(self, name: str) -> None:
        import ray

        reference, value_bytes = self._known[name]
        if name in self._open:
            self._open.remove(name)
        try:
            value = ray.get(reference, timeout=_GET_SECONDS)
            if name in self._keeping:
                value, (kept,) = value
                self._known[f"{name}.kept"] = (kept, self._keeping[name])
            values.check(name, value_bytes, value)
            events.emit("value", name, answer="value")
        except values.WrongValue as error:
            events.emit("value", name, answer="wrong", text=str(error))
        except ray.exceptions.GetTimeoutError:
            events.emit("value", name, answer="timeout")
        except Exception as error:  # every other answer is an answer: the plan's checker says which are allowed
            events.emit("value", name, answer=type(error).__name__, bases=[base.__name__ for base in type(error).__mro__], text=str(error)[:200])

    def _ready(self, step: plan.Ready) -> None:
        import ray

        for name in step.names:
            done, _ = ray.wait([self._known[name][0]], timeout=_GET_SECONDS, fetch_local=False)
            events.emit("ready" if done else "late", name)

    def _pause(self, step: plan.Pause) -> None:
        time.sleep(step.seconds)

    def _await(self, step: plan.Await) -> None:
        if self._log.wait(step.what, step.name, _AWAIT_SECONDS) is None:
            events.emit("missed", step.name, awaited=step.what)

    def _cancel(self, step: plan.Cancel) -> None:
        import ray

        ray.cancel(self._known[step.name][0], force=step.force, recursive=step.recursive)
        events.emit("cancelled", step.name)

    def _drop(self, step: plan.Drop) -> None:
        del self._known[step.name]
        if step.name in self._open:
            self._open.remove(step.name)
        events.emit("dropped", step.name)


def main(arguments: list[str]) -> int:
    address, index = arguments[0], int(arguments[1])
    folder = Path(os.environ[events.FOLDER_VARIABLE])
    session = plan.from_json(json.loads((folder / "plan.json").read_text()))
    driver, label = session.drivers[index], f"driver{index}"
    loopback.stay_on_loopback()
    loopback.driver_at(tasks.node_ids()[driver.node])
    if driver.script:
        return _run_script(driver.script, address)
    import ray

    ray.init(address=address, _node_ip_address=loopback.ADDRESS, log_to_driver=False)
    events.emit("connected", label, pid=os.getpid())
    Program(driver).run()
    events.emit("done", label)
    if not driver.leaves_at_once:
        events.Log(folder).wait("leave", "", _AWAIT_SECONDS)
    ray.shutdown()
    return OK


def _run_script(script: tuple[str, ...], address: str) -> int:
    """A user's script, which calls `ray.init()` itself: the address is in the environment."""
    os.environ["RAY_ADDRESS"] = address
    sys.argv = list(script)
    sys.path.insert(0, str(Path(script[0]).resolve().parent))
    runpy.run_path(script[0], run_name="__main__")
    return OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
