"""One message on the wire, and what can be done to it."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from wire import descriptors
from wire.book import Process
from wire.descriptors import Method
from wire.http2 import Headers

REQUEST, REPLY = "request", "reply"


class State(enum.Enum):
    NEW = "new"  # nobody has decided yet; unless somebody holds it, it is delivered at once
    HELD = "held"
    DELIVERED = "delivered"
    LOST = "lost"  # the caller is told that the call failed
    SWALLOWED = "swallowed"  # nobody is told anything


class Carrier(Protocol):
    """Who carries a message: a link."""

    @property
    def caller(self) -> Process: ...
    @property
    def callee(self) -> Process: ...
    def carry(self, message: Message) -> None: ...
    def fail(self, message: Message) -> None: ...
    def fail_early(self, message: Message) -> None: ...
    def copy(self, message: Message) -> None: ...
    def keep_open(self) -> None: ...
    def settled(self, message: Message, held: bool) -> None: ...


@dataclass(eq=False)
class Message:
    """`body` is the gRPC frame, empty for a reply that has only a status. `number` is the order in which the wire saw the messages."""

    number: int
    carrier: Carrier
    call: Any
    method: Method
    direction: str
    body: bytes
    headers: Headers = field(default_factory=list)
    trailers: Headers | None = None
    copied: bool = False  # belongs to a second copy: its caller does not hear of it
    index: int = 0  # of the messages of a stream in this direction
    state: State = State.NEW
    labels: dict[str, Any] = field(default_factory=dict)  # whatever a policy wants to remember

    @property
    def name(self) -> str:
        return self.method.name

    @property
    def caller(self) -> Process:
        return self.carrier.caller

    @property
    def callee(self) -> Process:
        return self.carrier.callee

    @property
    def status(self) -> int:
        """The gRPC status of a reply; 0 is OK."""
        for name, value in self.trailers or self.headers:
            if name == b"grpc-status":
                return int(value)
        return 0

    @cached_property
    def fields(self) -> Any:
        """The protobuf message; None where it is unknown or the reply has only a status."""
        return descriptors.decode(self.method.request if self.direction == REQUEST else self.method.reply, self.body)

    def hold(self) -> None:
        """It waits until one of the other verbs."""
        if self.state is State.NEW:
            self.state = State.HELD
            self.carrier.settled(self, held=True)

    def deliver(self) -> None:
        """Goes on to its receiver; also: release."""
        if self._decide(State.DELIVERED):
            self.carrier.carry(self)
            self.carrier.settled(self, held=False)

    def lose(self) -> None:
        """A lost request never comes to the called process, a lost reply never to the caller; either way the caller is told UNAVAILABLE."""
        if self._decide(State.LOST):
            self.carrier.fail(self)
            self.carrier.settled(self, held=False)

    def fail_early(self) -> None:
        """The caller of a request that has no answer yet is told UNAVAILABLE now; the request itself goes on as before, to be delivered or not, or is
        served already, and nobody hears its answer."""
        if self.direction != REQUEST or self.method.streams or self.state in (State.LOST, State.SWALLOWED):
            raise ValueError("only a request that the called process gets fails early")
        self.carrier.fail_early(self)

    def swallow(self) -> None:
        """Lost without anybody being told: the caller waits until it gives up."""
        if self._decide(State.SWALLOWED):
            self.carrier.settled(self, held=False)

    def repeat(self) -> None:
        """Sends a second copy of a request to the called process, now; the answer to it goes nowhere. The first copy may be in any state."""
        if self.direction != REQUEST:
            raise ValueError("only requests are repeated: a caller takes one reply")
        self.carrier.copy(self)

    def keep(self) -> None:
        """It may be repeated later: the connection to the called process stays open although its caller may end."""
        self.carrier.keep_open()

    def replace(self, message: Any) -> None:
        """Another protobuf message of the same type in its place."""
        self.body = descriptors.encode(message)
        self.__dict__.pop("fields", None)

    def _decide(self, state: State) -> bool:
        """Whether it was undecided until now."""
        if self.state not in (State.NEW, State.HELD):
            return False
        self.state = state
        return True

    def __str__(self) -> str:
        status = f" status {self.status}" if self.direction == REPLY and self.status else ""
        return f"{self.caller}>{self.callee} {self.name} {self.direction}{status}"
