"""What the checks share."""

from __future__ import annotations

import importlib.util
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
# A shell starts what runs in the background with SIGINT ignored, and so would be the processes that the checks interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

_SHORT = "not soak and not long"  # as in pyproject.toml
_LEFT = pytest.StashKey[dict[str, int]]()
_SHARING = {"test_wire.py"}
_COMMANDS = {"long": "./raymc ray test --long", "soak": "./raymc ray test -m soak -n 0"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also the checks of Ray that `./raymc test` has no time for")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_LEFT] = dict.fromkeys(_COMMANDS, 0)
    if config.getoption("--long") and config.option.markexpr == _SHORT:
        config.option.markexpr = "not soak"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What needs a cluster comes first, so that it is not waited for at the end. Without Ray the other checks still run."""
    items.sort(key=lambda item: item.get_closest_marker("ray") is None)
    for name in _COMMANDS:
        if f"not {name}" in config.option.markexpr:
            config.stash[_LEFT][name] = sum(item.get_closest_marker(name) is not None for item in items)
    if importlib.util.find_spec("ray") is not None:
        return
    for item in items:
        if item.get_closest_marker("ray"):
            item.add_marker(pytest.mark.skip(reason="Ray is not installed"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """With xdist a worker collects, and another process tells."""
    output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["left"] = session.config.stash[_LEFT]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Each check goes to whichever process is free, but for those of a file that share a cluster."""
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file, _, _ = nodeid.partition("::")
            return file if Path(file).name in _SHARING else nodeid

    return Scheduling(config, log)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    node.config.stash[_LEFT] = getattr(node, "workeroutput", {}).get("left", node.config.stash[_LEFT])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for name, count in config.stash[_LEFT].items():
        if count:
            terminalreporter.write_line(f"{count} check{' is' if count == 1 else 's are'} left for {_COMMANDS[name]}")
