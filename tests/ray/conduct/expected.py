"""Which message on the wire is which message of the trace."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from conduct import tables
from conduct.trace import Lane, Told, Trace
from raymc_ray.behind import FIRST_NODE
from wire.book import DRIVER, GCS, RAYLET, WORKER, Process
from wire.message import REPLY, REQUEST, Message
from wire.stage import Stage

_PREEMPTION = 2  # of autoscaler.proto's DrainNodeReason


@dataclass
class Awaited:
    """A message of the trace that some step sends: `fate` is received, held, lost, or empty if it is under way at the end."""

    told: Told
    carrier: tables.Carrier
    sent: int
    fate: str = ""
    ends: int = 0
    message: Message | None = None

    @property
    def second_copy(self) -> bool:
        return self.told.label.endswith("second copy")

    @property
    def direction(self) -> str:
        return REPLY if self.told.is_reply or self.carrier.form == "notice" else REQUEST


class Cast:
    """Who plays whom: processes by lane, leases and tasks by the trace's names."""

    def __init__(self, trace: Trace, stage: Stage, first: int) -> None:
        self._trace = trace
        self._stage = stage
        self._first = first
        self.pids: dict[int, int] = {}  # of workers and owners, by lane
        self.leases: dict[str, bytes] = {}
        self.tasks: dict[str, str] = {}
        self.node_ids: dict[str, str] = {}
        self.met: set[int] = set()  # lanes that have had a part in a message

    def wire_node(self, node: str) -> int:
        return FIRST_NODE + self._first + int(node[1:]) - 1

    def is_played_by(self, lane: Lane, process: Process) -> bool:
        """Whether the process is the lane's; a worker that nobody plays yet is taken for the next lane of its node."""
        if lane.kind == "gcs":
            return process.role == GCS
        if lane.kind == "raylet":
            return process.role == RAYLET and process.node == self.wire_node(lane.node)
        if process.role not in (WORKER, DRIVER):
            return False
        return self.pids.get(lane.index) == process.pid

    def process(self, lane: Lane) -> int:
        """The pid of a lane's process, 0 if it is not known."""
        if lane.index in self.pids:
            return self.pids[lane.index]
        role, node = (GCS, None) if lane.kind == "gcs" else (RAYLET, self.wire_node(lane.node)) if lane.kind == "raylet" else (WORKER, None)
        known = self._stage.wire.book.processes(role, node) if role != WORKER else []
        return known[-1].pid if known else 0

    def may_play(self, worker: Lane, process: Process) -> None:
        """Which of the idle workers is asked is the raylet's choice: it is taken for the trace's, if neither has been met yet."""
        others = [lane for lane, pid in self.pids.items() if pid == process.pid and self._trace.lanes[lane].kind == worker.kind]
        if process.role == WORKER and process.node == self.wire_node(worker.node) and worker.index not in self.met and not self.met & set(others):
            self.is_named(worker, process.pid)

    def is_named(self, worker: Lane, pid: int) -> None:
        """A grant names the worker: whoever was taken for it before changes places."""
        before = next((lane for lane, known in self.pids.items() if known == pid and self._trace.lanes[lane].kind == worker.kind), None)
        if before is not None and before != worker.index:
            old = self.pids.get(worker.index)
            if old is None:
                del self.pids[before]
            else:
                self.pids[before] = old
        self.pids[worker.index] = pid


@dataclass
class Matcher:
    """Finds for a message on the wire the first awaited one that it can be."""

    trace: Trace
    cast: Cast
    awaited: list[Awaited] = field(default_factory=list)

    def __post_init__(self) -> None:
        # A subscription is several messages, one or more channels each: the one that matters carries the news that the trace is about.
        kinds = {told.kind for told in self.trace.messages} | ({"WorkerFailed"} if "gcs.G8.owner_failure_reported" in self.trace.rules else set())
        self._channel = "WORKER_DELTA" if "WorkerFailed" in kinds else "JOB" if "JobFinished" in kinds else "NODE"
        known: dict[int, Awaited] = {}
        for step in self.trace.steps:
            for what, index in step.events:
                told = self.trace.messages[index]
                carrier = tables.carriers().get(told.kind)
                if carrier is None or carrier.form == "-" or told.is_error:
                    continue
                if what == "sent":
                    known[index] = Awaited(told, carrier, step.number)
                    self.awaited.append(known[index])
                    continue
                if index not in known:  # it is under way when the trace begins
                    known[index] = Awaited(told, carrier, 0)
                    self.awaited.append(known[index])
                if what in ("received", "held", "lost") and not known[index].fate:
                    known[index].fate, known[index].ends = what, step.number

    def of(self, index: int) -> Awaited | None:
        """The awaited message with this number in the trace."""
        return next((each for each in self.awaited if each.told.index == index), None)

    def match(self, message: Message) -> Awaited | None:
        for each in self.awaited:
            if each.message is not None or each.second_copy or each.carrier.form not in ("call", "round"):
                continue
            if (
                (each.carrier.call, each.direction) == (message.name, message.direction)
                and self._ends(each, message)
                and self._content(each, message)
            ):
                return each
        return None

    def news(self, message: Message) -> list[tuple[str, str]]:
        """The notices in an answer to a poll: kind and node."""
        return _said(message, {bytes.fromhex(value): name for name, value in self.cast.node_ids.items()})

    def notices(self, message: Message) -> list[Awaited]:
        """The awaited notices in an answer to a poll."""
        found = []
        for said in self.news(message):
            for each in self.awaited:
                lane = self.trace.lanes[each.told.receiver]
                if each.message is not None or each.carrier.form != "notice" or not self.cast.is_played_by(lane, message.caller):
                    continue
                subject = each.told.subject
                if each.told.kind == said[0] and (each.carrier.told_by != "node" or subject[:1] == [said[1]]):
                    found.append(each)
                    break
        return found

    def _ends(self, each: Awaited, message: Message) -> bool:
        caller, callee = (each.told.receiver, each.told.sender) if each.direction == REPLY else (each.told.sender, each.told.receiver)
        lanes = self.trace.lanes
        if each.told.kind == "MarkJobFinished":
            return True
        if each.told.kind == "Exit" and each.direction == REQUEST:
            self.cast.may_play(lanes[callee], message.callee)
        if self.cast.is_played_by(lanes[caller], message.caller) and self.cast.is_played_by(lanes[callee], message.callee):
            self.cast.met |= {caller, callee}
            return True
        return False

    def _content(self, each: Awaited, message: Message) -> bool:
        """Whether lease and task are the ones that the trace means; what is met for the first time gets its name."""
        told_by = each.carrier.told_by
        if message.direction == REPLY:
            mine = next((other for other in self.awaited if other.message is not None and other.message.call is message.call), None)
            return mine is not None and mine.told.subject[:2] == each.told.subject[:2] if mine is not None else told_by == "-"
        fields = message.fields
        if fields is None:
            return told_by == "-"
        if told_by == "lease":
            return self._lease(each.told.subject[0], lease_id(fields))
        if told_by == "task":
            return self._task(each.told.subject, fields)
        if told_by == "channel":
            # Owners hear of nodes alone.
            wanted = self._channel if self.trace.lanes[each.told.sender].kind == "raylet" else "NODE"
            return any(wanted in _channel_name(command) for command in fields.commands)
        if told_by == "drain":
            return bool(fields.reason == _PREEMPTION) == ("preemption" in each.told.label)
        return True

    def _task(self, subject: list[str], fields: Any) -> bool:
        task = next((word for word in subject if word in self.cast.tasks), "")
        if task_id(fields) != self.cast.tasks.get(task, "-"):
            return False
        spec = getattr(fields, "task_spec", None)
        return spec is None or "attempt" not in subject or int(subject[subject.index("attempt") + 1]) == spec.attempt_number

    def _lease(self, name: str, known: bytes) -> bool:
        if self.cast.leases.get(name) == known:
            return True
        if known in self.cast.leases.values():
            return False
        self.cast.leases[name] = known  # a fresh LeaseID: the trace uses a name again once its lease has ended
        return True


def content(message: Message) -> str:
    """What a reply says, in the first word that the trace has for it; empty where it says nothing that has to be told apart."""
    fields = message.fields
    if fields is None:
        return ""
    if message.name == "RequestWorkerLease":
        return _lease_content(fields)
    if message.name == "PushTask":
        return "cancelled" if fields.was_cancelled_before_running else "application" if fields.is_application_error else "ok"
    if message.name == "Exit":
        return "ok" if fields.success else "unsuccessful"
    if message.name == "DrainRaylet":
        return "ok" if fields.is_accepted else "rejected"
    return ""


def _lease_content(fields: Any) -> str:
    if fields.retry_at_raylet_address.node_id:
        return "redirect"
    if fields.rejected:
        return "rejected"
    if fields.canceled:
        return "canceled"
    return "granted" if fields.worker_address.worker_id else ""


def redirected_to(message: Message) -> str:
    """The id of the node to which a reply sends its owner on; empty if it does not."""
    return bytes(message.fields.retry_at_raylet_address.node_id).hex() if content(message) == "redirect" else ""


def _channel_name(command: Any) -> str:
    names = command.DESCRIPTOR.fields_by_name["channel_type"].enum_type.values_by_number
    return str(names[command.channel_type].name)


def lease_id(fields: Any) -> bytes:
    spec = getattr(fields, "lease_spec", None)
    return bytes(spec.lease_id if spec is not None else fields.lease_id)


def task_id(fields: Any) -> str:
    spec = getattr(fields, "task_spec", None)
    return bytes(spec.task_id if spec is not None else fields.intended_task_id).hex()


def _said(message: Message, names: dict[bytes, str]) -> list[tuple[str, str]]:
    """The notices in an answer to a poll: kind and node."""
    found = []
    fields = message.fields
    for each in fields.pub_messages if fields is not None else []:
        which = each.WhichOneof("inner_message")
        inner = getattr(each, which) if which else None
        if which in ("node_info_message", "node_address_and_liveness_message") and inner is not None:
            found.append(("NodeDead" if inner.state == 1 else "NodeAlive", names.get(bytes(inner.node_id), "?")))
        elif which == "worker_delta_message":
            found.append(("WorkerFailed", ""))
        elif which == "job_message" and inner is not None and inner.is_dead:
            found.append(("JobFinished", ""))
    return found
