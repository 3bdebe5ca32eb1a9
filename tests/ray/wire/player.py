"""One owner behind the wire, which does what it is told: a driver, or a task.

    python -m wire.player NAME ADDRESS NODE_ID
"""

from __future__ import annotations

import contextlib
import os
import queue
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from raymc_ray import loopback, plan, tasks, values
from wire import parts


class Player:
    """Holds the references of its values by name."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[Any, int]] = {}
        self._keeping: set[str] = set()  # tasks whose value carries the reference of another
        self._kept: dict[str, Any] = {}

    def answers(self) -> parts.Answers:
        return {
            "submit": self.submit,
            "put": self.put,
            "get": self.get,
            "get_kept": self.get_kept,
            "ready": self.ready,
            "cancel": self.cancel,
            "drop": self.drop,
            "nodes": self.nodes,
            "node_id": self.node_id,
            "pid": os.getpid,
        }

    def submit(self, task: dict[str, Any]) -> str:
        """Submits a task (a plan.Task as data); the hexadecimal id of its task."""
        wanted = plan.task_from_json(task)
        reference = tasks.submit(wanted, self._known)
        self._known[wanted.name] = (reference, wanted.value_bytes)
        if wanted.keeps_bytes:
            self._keeping.add(wanted.name)
        return str(reference.task_id().hex())

    def put(self, name: str, value_bytes: int) -> None:
        import ray

        self._known[name] = (ray.put(values.expected(name, value_bytes)), value_bytes)

    def get(self, name: str, seconds: float) -> dict[str, Any]:
        """What `ray.get` says: {"answer": "value" | "wrong" | "timeout" | the error's class, "bases": [...], "text": ...}."""
        import ray

        reference, size = self._known[name]
        try:
            value = ray.get(reference, timeout=seconds)
            if name in self._keeping:
                value, self._kept[name] = value
            values.check(name, size, value)
            return {"answer": "value", "bases": [], "text": ""}
        except values.WrongValue as error:
            return {"answer": "wrong", "bases": [], "text": str(error)}
        except ray.exceptions.GetTimeoutError:
            return {"answer": "timeout", "bases": [], "text": ""}
        except BaseException as error:  # a cancelled get of a driver that ends raises more than Exception
            return {"answer": type(error).__name__, "bases": [base.__name__ for base in type(error).__mro__], "text": str(error)[:400]}

    def get_kept(self, name: str, value_bytes: int, seconds: float) -> str:
        """What `ray.get` says of the value that the worker of a task keeps and owns; its reference is known after a get of the task."""
        import ray

        try:
            values.check(f"{name}.kept", value_bytes, ray.get(self._kept[name][0], timeout=seconds))
            return "value"
        except values.WrongValue:
            return "wrong"
        except Exception as error:  # every other answer is an answer
            return type(error).__name__

    def ready(self, name: str, seconds: float) -> bool:
        """Whether the value exists somewhere within so many seconds; it is not fetched."""
        import ray

        return bool(ray.wait([self._known[name][0]], timeout=seconds, fetch_local=False)[0])

    def cancel(self, name: str, force: bool, recursive: bool) -> None:
        import ray

        ray.cancel(self._known[name][0], force=force, recursive=recursive)

    def drop(self, name: str) -> None:
        del self._known[name]
        self._kept.pop(name, None)

    def nodes(self) -> dict[str, bool]:
        """Which nodes are alive, as this driver is told."""
        import ray

        return {row["NodeID"]: bool(row["Alive"]) for row in ray.nodes()}

    def node_id(self) -> str:
        import ray

        return str(ray.get_runtime_context().get_node_id())


class Parent(Player):
    """The program of a task: it submits its tasks and waits for them in the thread that Ray runs it in, as user code does. For Ray only those
    are children of the task, and only that thread lends its CPU while it waits. All else it is asked in threads of their own."""

    _EVERY_SECONDS = 0.02

    def __init__(self) -> None:
        super().__init__()
        self._asked: queue.SimpleQueue[tuple[Callable[..., Any], dict[str, Any], Future[Any]]] = queue.SimpleQueue()

    def answers(self) -> parts.Answers:
        return {**super().answers(), "submit": self._in_task(self.submit), "wait": self._in_task(self.wait)}

    def wait(self, one_by_one: bool) -> None:
        """`ray.get` of all that it has submitted, as far as they end; an error is an end."""
        import ray

        references = [reference for reference, _ in self._known.values()]
        for some in [[each] for each in references] if one_by_one else [references, *([each] for each in references)]:
            with contextlib.suppress(Exception):  # one that raises says nothing about the others
                ray.get(some)

    def run(self, finishes: Callable[[], bool]) -> None:
        """Does what belongs in this thread until the task may finish."""
        while not finishes():
            with contextlib.suppress(queue.Empty):
                do, arguments, answer = self._asked.get(timeout=self._EVERY_SECONDS)
                try:
                    answer.set_result(do(**arguments))
                except BaseException as error:
                    answer.set_exception(error)
                    if not isinstance(error, Exception):  # the task is cancelled
                        raise

    def _in_task(self, do: Callable[..., Any]) -> Callable[..., Any]:
        def ask(**arguments: Any) -> Any:
            answer: Future[Any] = Future()
            self._asked.put((do, arguments, answer))
            return answer.result()

        return ask


def play(name: str) -> None:
    """Does what it is told, until the one who tells it goes."""
    parts.serve(name, Player().answers(), in_threads=lambda _: True)


def play_in_task(name: str, finishes: Callable[[], bool]) -> None:
    """Does what it is told, as a task that may finish some time; then it waits for what it has submitted."""
    parent = Parent()
    # Submissions keep their order, among themselves and with the wait for them.
    told = threading.Thread(target=parts.serve, args=(name, parent.answers(), lambda do: do != "submit"), daemon=True)
    told.start()
    parent.run(finishes)
    parent.wait(one_by_one=False)


def main(arguments: list[str]) -> None:
    name, address, node_id = arguments
    loopback.stay_on_loopback()
    loopback.driver_at(node_id)
    import ray

    ray.init(address=address, _node_ip_address=loopback.ADDRESS, log_to_driver=False)
    play(name)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
