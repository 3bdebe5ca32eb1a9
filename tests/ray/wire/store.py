"""The GCS's store: to which of its tables a command of redis writes, and whose death."""

from __future__ import annotations


def writes(command: list[bytes], table: str) -> bool:
    """Whether the command, name and arguments, names the table; its last argument is the value."""
    return table.encode() in b"".join(command[:-1])


def dead_node(command: list[bytes]) -> str:
    """The id of the node, in hexadecimal digits, whose death the command writes; empty: it writes none."""
    from google.protobuf.message import DecodeError
    from ray.core.generated import gcs_pb2

    if not writes(command, "NODE"):
        return ""
    try:
        node = gcs_pb2.GcsNodeInfo.FromString(command[-1])
    except DecodeError:
        return ""
    return bytes(node.node_id).hex() if node.state == gcs_pb2.GcsNodeInfo.DEAD else ""
