"""What the record of a wire says of a message: the ids that tell it from others, and what tells replies apart.

No payloads, arguments, names or texts. One function for each call and direction; a call that is not here is not in the record.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wire import store
from wire.message import REPLY, REQUEST, Message

Said = dict[str, str]


def _none(_: Any) -> Said:
    return {}


def _lease(fields: Any) -> Said:
    """Of older and newer releases: the lease is an id of its own, or a part of its specification."""
    spec = getattr(fields, "lease_spec", None)
    return {"lease": bytes(spec.lease_id if spec is not None else fields.lease_id).hex()}


def _lease_answer(fields: Any) -> Said:
    if fields.retry_at_raylet_address.node_id:
        return {"how": "redirect", "target": bytes(fields.retry_at_raylet_address.node_id).hex()}
    if fields.rejected:
        return {"how": "rejected"}
    if fields.canceled:
        return {"how": "canceled"}
    if fields.worker_address.worker_id:
        return {"how": "granted", "worker": bytes(fields.worker_address.worker_id).hex()}
    return {}


def _pushed(fields: Any) -> Said:
    spec = fields.task_spec
    return {"task": bytes(spec.task_id).hex(), "attempt": str(spec.attempt_number)}


def _push_answer(fields: Any) -> Said:
    return {"how": "cancelled" if fields.was_cancelled_before_running else "ok"}


def _cancelled_task(fields: Any) -> Said:
    return {"task": bytes(fields.intended_task_id).hex()}


def _succeeded(name: str) -> Callable[[Any], Said]:
    """Some releases leave the field out."""

    def said(fields: Any) -> Said:
        value = getattr(fields, name, None)
        return {} if value is None else {"how": "ok" if value else "unsuccessful"}

    return said


def _returned(fields: Any) -> Said:
    how = "disconnect" if fields.disconnect_worker else "exiting" if fields.worker_exiting else ""
    return {**_lease(fields), **({"how": how} if how else {})}


def _pinned(fields: Any) -> Said:
    return {"object": bytes(fields.object_ids[0]).hex()} if fields.object_ids else {}


def _pin_answer(fields: Any) -> Said:
    return {"how": "ok" if all(fields.successes) else "unsuccessful"} if fields.successes else {}


def _alive(fields: Any) -> Said:
    return {"how": "alive" if all(fields.raylet_alive) else "dead"}


def _channel(command: Any) -> str:
    names = command.DESCRIPTOR.fields_by_name["channel_type"].enum_type.values_by_number
    return str(names[command.channel_type].name)


def _channels(fields: Any) -> Said:
    return {"channels": " ".join(sorted({_channel(command) for command in fields.commands}))}


def _subscriber(fields: Any) -> Said:
    return {"subscriber": bytes(fields.subscriber_id).hex()}


def _subscribed(fields: Any) -> Said:
    return {**_subscriber(fields), **_channels(fields)}


def _news(fields: Any) -> Said:
    """The notices in an answer to a poll, in their order: what, and of whom."""
    found = []
    for each in fields.pub_messages:
        which = each.WhichOneof("inner_message")
        inner = getattr(each, which) if which else None
        if which in ("node_info_message", "node_address_and_liveness_message") and inner is not None:
            found.append(("NodeDead:" if inner.state == 1 else "NodeAlive:") + bytes(inner.node_id).hex())
        elif which == "worker_delta_message" and inner is not None:
            found.append("WorkerFailed:" + bytes(inner.worker_id).hex())
        elif which == "job_message" and inner is not None:
            found.append("JobFinished" if inner.is_dead else "JobStarted")
    return {"news": " ".join(found)} if found else {}


_TOLD: dict[str, tuple[Callable[[Any], Said], Callable[[Any], Said]]] = {
    "RequestWorkerLease": (_lease, _lease_answer),
    "ReturnWorkerLease": (_returned, _none),
    "CancelWorkerLease": (_lease, _succeeded("success")),
    "GetWorkerFailureCause": (_lease, _none),
    "PushTask": (_pushed, _push_answer),
    "CancelLocalTask": (_cancelled_task, _none),
    "CancelTask": (_cancelled_task, _succeeded("attempt_succeeded")),
    "Exit": (_none, _succeeded("success")),
    "RegisterNode": (_none, _none),
    "UnregisterNode": (_none, _none),
    "DrainRaylet": (_none, _succeeded("is_accepted")),
    "NotifyGCSRestart": (_none, _none),
    "RayletNotifyGCSRestart": (_none, _none),
    "ReportWorkerFailure": (_none, _none),
    "MarkJobFinished": (_none, _none),
    "PinObjectIDs": (_pinned, _pin_answer),
    "CheckAlive": (_none, _alive),
    "Check": (_none, _none),
    "PubsubLongPolling": (_none, _none),
    "PubsubCommandBatch": (_channels, _none),
    "GcsSubscriberCommandBatch": (_subscribed, _none),
    "GcsSubscriberPoll": (_subscriber, _news),
}


_WRITE = "HSET"  # a command of redis: told if it writes the death of a node


def is_told(message: Message) -> bool:
    return message.name in _TOLD or bool(_written_death(message))


def _written_death(message: Message) -> Said:
    if message.name != _WRITE:
        return {}
    command = (message if message.direction == REQUEST else message.call).labels["value"]
    node = store.dead_node(command) if isinstance(command, list) else ""
    return {"target": node} if node else {}


def said_by(message: Message) -> Said:
    """Of a reply that says nothing but an error: nothing."""
    if message.name == _WRITE:
        return _written_death(message)
    if message.fields is None:
        return {}
    request, reply = _TOLD[message.name]
    return (request if message.direction == REQUEST else reply)(message.fields)


def status_of(message: Message) -> int:
    """The gRPC status of a reply; 0: it is an answer."""
    return message.status if message.direction == REPLY else 0
