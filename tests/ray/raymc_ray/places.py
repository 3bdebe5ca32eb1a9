"""Where things are, and the exit codes that the project's commands share."""

from __future__ import annotations

import os
from pathlib import Path

PACKAGE_ROOT = Path(__file__).resolve().parent.parent
PROJECT_ROOT = Path(os.environ.get("RAYMC_ROOT") or PACKAGE_ROOT.parent.parent)



def raymc_program() -> Path:
    """The program that the launcher has built."""
    return Path(os.environ.get("RAYMC_PROGRAM") or PROJECT_ROOT / "build/release/raymc")


OK = 0
VIOLATED = 10
INCONCLUSIVE = 20
COMMAND_LINE = 64
BAD_FILE = 65
BUG = 70
CANNOT_WRITE = 74
INTERRUPTED = 130
