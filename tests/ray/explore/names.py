"""Names of processes and messages that are the same in every run: no pid, no id of Ray's."""

from __future__ import annotations

from collections import Counter
from typing import Any

from conduct import tables
from conduct.expected import Cast, Matcher, content, lease_id, task_id
from conduct.scene import Scene
from explore.chooser import MESSAGE, Option
from explore.steering import key
from raymc_ray.behind import FIRST_NODE
from wire.book import DRIVER, GCS, RAYLET, WORKER, Process
from wire.message import REPLY, REQUEST, Message
from wire.stage import Stage

_NOTICES = ("NodeDead", "WorkerFailed", "JobFinished")


class Names:
    """Workers are numbered on their node and leases at their owner, in the order in which the wire met them."""

    def __init__(self, scene: Scene, stage: Stage, cast: Cast, matcher: Matcher) -> None:
        self._scene = scene
        self._stage = stage
        self._cast = cast
        self._matcher = matcher
        self._carriers = {each.call: each for each in tables.carriers().values() if each.form in ("call", "round")}
        self._leases: dict[bytes, str] = {}
        self._subjects: dict[Any, str] = {}  # of a call, for its reply
        self._times: Counter[str] = Counter()
        self._per_node: Counter[str] = Counter()
        self.workers: dict[str, int] = {}  # pids, by name; owners are not among them
        self.owners: dict[str, int] = {}
        self._by_pid: dict[int, str] = {}

    def owner_is(self, name: str, pid: int) -> None:
        """This process is one of the scenario's owners."""
        self._by_pid[pid] = name
        self.owners[name] = pid
        self.workers = {worker: known for worker, known in self.workers.items() if known != pid}

    def process(self, process: Process) -> str:
        """Empty for a process that has no part in the protocol."""
        if process.role == GCS:
            return "gcs"
        if process.role == RAYLET:
            return self.node(process)
        if process.role not in (WORKER, DRIVER):
            return ""
        if process.pid not in self._by_pid and process.role == WORKER:
            node = self.node(process)
            self._per_node[node] += 1
            self._by_pid[process.pid] = f"{node}.w{self._per_node[node]}"
            self.workers[self._by_pid[process.pid]] = process.pid
        return self._by_pid.get(process.pid, "")

    def node(self, process: Process) -> str:
        number = process.node - FIRST_NODE - self._scene.first + 1
        return f"n{number}" if number > 0 else "head"

    def knows(self, pid: int) -> bool:
        return pid in self._by_pid

    def option(self, message: Message) -> Option | None:
        """The delivery of a message of the protocol; None for all others."""
        caller, callee = self.process(message.caller), self.process(message.callee)
        if not caller or not callee:
            return None
        if message.name == "GcsSubscriberPoll":
            return self._notice(message, caller) if message.direction == REPLY else None
        carrier = self._carriers.get(message.name)
        if carrier is None:
            return None
        if carrier.kind == "Subscribe" and message.caller.role != RAYLET and self._stage.wire.book.processes(GCS)[-1].incarnation == 1:
            return None  # what every process does when it begins
        subject = self._subject(message, carrier, caller)
        if message.direction == REQUEST:
            return self._named(f"{carrier.kind} {caller}>{callee}{subject}", key(carrier.kind, "", False, self._kind(message.callee)), callee)
        said = content(message) if message.status == 0 else f"status {message.status}"
        words = f"{carrier.kind} {caller}<{callee}{subject}: {said or 'reply'}"
        return self._named(words, key(carrier.kind, said, True, self._kind(message.caller)), caller)

    def _notice(self, message: Message, subscriber: str) -> Option | None:
        told = [f"{kind} {node}".strip() for kind, node in self._matcher.news(message) if kind in _NOTICES]
        if not told:
            return None
        return self._named(
            f"{', '.join(sorted(set(told)))} >{subscriber}", key(told[0].split(" ")[0], "", False, self._kind(message.caller)), subscriber
        )

    def _named(self, words: str, known_by: str, at: str) -> Option:
        self._times[words] += 1
        again = f" #{self._times[words]}" if self._times[words] > 1 else ""
        return Option(f"deliver {words}{again}", MESSAGE, known_by, at)

    def _kind(self, process: Process) -> str:
        return "owner" if self.process(process) in self._scene.owners else process.role

    def _subject(self, message: Message, carrier: tables.Carrier, caller: str) -> str:
        """The lease or task that a call is about; a reply's is its request's."""
        if message.direction == REPLY:
            return self._subjects.get(message.call, "")
        said = ""
        if carrier.told_by == "lease" and message.fields is not None:
            said = " " + self._lease(lease_id(message.fields), caller)
        elif carrier.told_by == "task" and message.fields is not None:
            said = " " + self._task(message.fields)
        self._subjects[message.call] = said
        return said

    def _lease(self, known: bytes, caller: str) -> str:
        if known not in self._leases:
            self._leases[known] = f"{caller}.L{sum(name.startswith(caller + '.') for name in self._leases.values()) + 1}"
        return self._leases[known]

    def _task(self, fields: Any) -> str:
        wanted = task_id(fields)
        name = next((name for name, known in self._cast.tasks.items() if known == wanted), "other")
        spec = getattr(fields, "task_spec", None)
        return f"{name} attempt {spec.attempt_number}" if spec is not None else name
