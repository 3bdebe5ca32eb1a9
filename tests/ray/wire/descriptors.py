"""The calls of Ray as its wheel describes them: how a message of each is decoded, and which of them are streams."""

from __future__ import annotations

import importlib
import pkgutil
import struct
from dataclasses import dataclass
from functools import cache
from typing import Any

_PREFIX = 5  # of a gRPC message: one byte that says whether it is compressed, four bytes of its length
# Streams that the wheel has no description of in Python.
_STREAMS = ("/ray.rpc.syncer.RaySyncer/StartSync", "/grpc.health.v1.Health/Watch")


@dataclass(frozen=True)
class Method:
    """One call, for example /ray.rpc.NodeManagerService/RequestWorkerLease."""

    path: str
    request: Any
    reply: Any
    streams: bool

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]


@cache
def methods() -> dict[str, Method]:
    """All calls that the installed wheel describes, by path."""
    import ray.core.generated
    from google.protobuf import message_factory

    found = {}
    for module in pkgutil.iter_modules(ray.core.generated.__path__):
        if not module.name.endswith("_pb2"):
            continue
        try:
            file = importlib.import_module(f"ray.core.generated.{module.name}").DESCRIPTOR
        except ImportError:  # some describe calls of packages that a minimal installation does not have
            continue
        for service in file.services_by_name.values():
            for method in service.methods:
                path = f"/{service.full_name}/{method.name}"
                request, reply = (message_factory.GetMessageClass(each) for each in (method.input_type, method.output_type))
                found[path] = Method(path, request, reply, streams=method.client_streaming or method.server_streaming)
    return found


def lookup(path: str) -> Method:
    """The call with this path; one that the wheel does not describe is taken for one request and one reply, and is not decoded."""
    return methods().get(path) or Method(path, None, None, streams=path in _STREAMS)


def split(data: bytearray) -> list[bytes]:
    """Takes the whole gRPC messages off the front of what has come."""
    found = []
    while len(data) >= _PREFIX:
        size = _PREFIX + int.from_bytes(data[1:_PREFIX], "big")
        if len(data) < size:
            break
        found.append(bytes(data[:size]))
        del data[:size]
    return found


def decode(kind: Any, body: bytes) -> Any:
    """The message in a gRPC frame; None if it is compressed, is not whole, or cannot be decoded."""
    if kind is None or len(body) < _PREFIX or body[0]:
        return None
    size = int.from_bytes(body[1:_PREFIX], "big")
    if len(body) < _PREFIX + size:
        return None
    from google.protobuf.message import DecodeError

    try:
        return kind.FromString(body[_PREFIX : _PREFIX + size])
    except DecodeError:
        return None


def encode(message: Any) -> bytes:
    """A gRPC frame with this message."""
    body: bytes = message.SerializeToString()
    return b"\0" + struct.pack(">I", len(body)) + body
