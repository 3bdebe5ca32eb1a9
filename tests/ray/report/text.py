"""The text for Ray's tracker: what happens, what is expected, which call, which releases, how likely, how to run it."""

from __future__ import annotations

import textwrap

from conduct import tables
from conduct.executed import Row as Executed
from conduct.trace import Step, Trace
from report.needs_more import NeedsMore
from report.recipe import ALWAYS, GCS, Recipe
from report.tries import Row

MARK = "<!-- written by ./raymc ray report -->"
NONE_KNOWN = "None that we know"
_WIDTH = 120


def text(trace: Trace, recipe: Recipe | None, refusal: NeedsMore | None, tries: list[Row], executed: list[Executed]) -> str:
    """The whole text. `recipe` is that of the script, `refusal` says why there is none without the conductor."""
    seen = next((row.seen for row in tries if row.happened), "") or next((row.reason for row in executed if row.happened), "")
    parts = [
        MARK,
        f"# {trace.question}",
        "## What happens",
        *(["Seen by the program:", f"> {seen.removeprefix('happened: ')}"] if seen else []),
        "Step by step, as the model of the protocol has it:",
        "\n".join(f"{step.number}. {_actor(trace, step)}{step.sentence}" for step in trace.steps),
        "## Expected",
        textwrap.fill(f"{trace.claim[0].upper()}{trace.claim[1:]}. ({trace.breaks})", _WIDTH),
        "## Where",
        _calls(trace),
        "In Ray's source:",
        _places(trace),
        "## Releases tried, and how often it happened",
        _releases(tries, executed, refusal),
        "## What has to be forced",
        _forced(recipe, refusal),
        "## How to run it",
        _running(recipe, refusal, tries),
        "## Known threads",
        _threads(trace),
    ]
    return "\n\n".join(parts) + "\n"


def _actor(trace: Trace, step: Step) -> str:
    lane = trace.lane(step.lane)
    return f"{lane.label}: " if lane is not None else ""


def _calls(trace: Trace) -> str:
    """The calls that the faults strike; without such, those that the last needed steps make or take."""
    needed = {step for step, _ in trace.chain}
    struck = {}
    for step in trace.steps:
        for what, index in step.events:
            told = trace.messages[index]
            if step.fault and what == "lost" and not told.is_error and tables.rules()[step.rule].means == "lose":
                struck[told.kind] = f"{told.kind}, {'reply' if told.is_reply else 'request'} lost"
            elif tables.rules()[step.rule].means == "ray" and step.fault and what == "sent" and told.label.endswith("second copy"):
                struck[told.kind] = f"{told.kind}, arriving twice"
    if struck:
        return f"Call: {'; '.join(struck.values())}."
    last = next((step for step in reversed(trace.steps) if step.number in needed and step.events), None)
    kinds = list(dict.fromkeys(trace.messages[index].kind for _, index in last.events)) if last is not None else []
    return f"Call: {', '.join(kinds)}." if kinds else "No call: the order of events in one process."


def _places(trace: Trace) -> str:
    needed = {step for step, _ in trace.chain}
    places = dict.fromkeys(place for step in trace.steps if step.number in needed for place in step.places)
    # What a signal does is in no file of Ray's.
    return "\n".join(f"- `{place.split(' ')[0]}`: `{place.split(' ', 1)[1]}`" for place in places if not place.startswith(" "))


def _releases(tries: list[Row], executed: list[Executed], refusal: NeedsMore | None) -> str:
    lines = ["| release | by | runs | happened | without a fault | longest |", "|---|---|---|---|---|---|"]
    by = "the script" if refusal is None else "the conductor"
    lines += [f"| {row.release} | {by} | {row.tries} | {row.happened} | {row.control} | {row.seconds} s |" for row in tries]
    lines += [f"| {row.release} | the conductor | {row.tries} | {row.happened} | | {row.seconds} s |" for row in executed]
    return "\n".join(lines) if len(lines) > 2 else "None yet: `./raymc ray report TRACE.json --try 5`."


def _forced(recipe: Recipe | None, refusal: NeedsMore | None) -> str:
    if recipe is None or refusal is not None:
        place = f"step {refusal.step}" if refusal is not None and refusal.step else "the look at the end"
        return f"A program cannot do it by itself; {place} needs more: {refusal}."
    names = {"driver": "the driver", GCS: "the GCS"}
    lines = []
    for process, failures in sorted(recipe.failures.items()):
        for call, how in failures.items():
            lines.append(f"- `RAY_testing_rpc_failure` of {names.get(process, process)}: `{call}`, {_how(how)}")
    for process, delays in sorted(recipe.delays.items()):
        for name, seconds in sorted(delays.items()):
            lines.append(f"- `RAY_testing_asio_delay_us` of {names.get(process, process)}: `{name}` runs {seconds} s after it was posted")
    if not lines:
        lines.append("- Nothing is injected into Ray.")
    done = dict.fromkeys(_DONE[move.do] for move in recipe.moves if move.do in _DONE)
    return "\n".join([*lines, f"- From outside: {', '.join(done)}"] if done else lines)


_DONE = {
    "cancel": "`ray.cancel`",
    "kill_worker": "SIGKILL of a worker",
    "stop_worker": "SIGSTOP of a worker",
    "sigterm_worker": "SIGTERM of a worker",
    "kill_raylet": "SIGKILL of a raylet",
    "kill_raylet_at_deadline": "SIGKILL of a raylet at the deadline of its preemption",
    "kill_node": "SIGKILL of a raylet at the deadline of its preemption",
    "sigterm_raylet": "SIGTERM of a raylet",
    "hang_raylet": "the main thread of a raylet is stopped (ptrace), while its other threads go on",
    "kill_gcs": "SIGKILL of the GCS",
    "start_gcs": "its restart",
    "drain_preemption": "a drain for preemption",
    "drain_idle": "a drain of an idle node",
}


def _how(how: dict[str, int]) -> str:
    which = "every" if how["num_failures"] == ALWAYS else "the first"
    words = {"req": f"{which} request is lost", "resp": f"{which} reply is lost"}
    return next(said for key, said in words.items() if f"num_lower_bound_{key}_failures" in how)


def _running(recipe: Recipe | None, refusal: NeedsMore | None, tries: list[Row]) -> str:
    if refusal is not None:
        return "```sh\nRAYMC=/path/to/raymc python3 script.py    # Linux, a C compiler, Python 3.11\n```"
    store = "    # and a redis-server" if recipe is not None and recipe.redis else ""
    release = f"=={tries[0].release}" if tries else ""
    lines = [f"pip install ray{release}{store}", "python script.py              # exit status 0: it happened"]
    lines.append("python script.py --control    # the same without a fault")
    return "\n".join(["```sh", *lines, "```"])


def _threads(trace: Trace) -> str:
    known = [thread for thread in trace.threads if thread.startswith("#")]
    return ", ".join(known) if known else f"{NONE_KNOWN}."
