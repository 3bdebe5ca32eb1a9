"""The value of a task, a function of its plan alone, so that every holder of it can check it."""

from __future__ import annotations


def expected(name: str, value_bytes: int) -> bytes:
    return name.encode().ljust(value_bytes, b".")


class WrongValue(Exception):
    """A task or a program got another value than the one that the plan says."""


def check(name: str, value_bytes: int, value: object) -> None:
    if value != expected(name, value_bytes):
        shown = repr(value)[:60]
        raise WrongValue(f"the value of {name} is {shown}")
