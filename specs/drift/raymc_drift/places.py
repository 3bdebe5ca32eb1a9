"""Exit codes, the error that carries one, and the project's files that drift reads."""

from __future__ import annotations

import os
from pathlib import Path

OK = 0
READ_AGAIN = 10
UNRESOLVED = 11
COMMAND_LINE = 64
BAD_INPUT = 65
MISSING_TOOL = 74


class DriftError(Exception):
    """A mistake of the user or of the machine: what is wrong, a hint, and the code to exit with."""

    def __init__(self, message: str, code: int = BAD_INPUT, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


def project_root() -> Path:
    """The root of raymc: $RAYMC_ROOT, or the tree in which this package lies."""
    named = os.environ.get("RAYMC_ROOT")
    return Path(named) if named else Path(__file__).resolve().parents[3]


def lock_file(root: Path) -> Path:
    return root / "model" / "sources.toml"
