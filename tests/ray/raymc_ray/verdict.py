"""Whether what a session answered is what its plan allows: a wrong value or a value that never came is a finding."""

from __future__ import annotations

from typing import Any

from raymc_ray import plan
from raymc_ray.events import Event

# Errors of Ray itself that a fault may cause. Whether the fault at hand may cause this one is the model's question.
_ALLOWED_WITH_FAULTS = {"RayError"}


def judge(session: plan.Plan, happened: list[Event], report: dict[str, Any]) -> list[str]:
    """One line per thing that is not as it should be."""
    problems = []
    if "error" in report:
        problems.append(f"the session could not run: {report['error']}")
    raising = {task.name for task in plan.all_tasks(session) if task.raises}
    may_fail = bool(session.faults or session.config) or any(_can_cancel(driver) for driver in session.drivers)
    for event in happened:
        if event["what"] == "failed":
            problems.append(f"fault {event['do']} could not be struck: {event['text']}")
        if event["what"] == "missed":
            problems.append(f"a program waited in vain for {event['awaited']} {event['name']}")
        if event["what"] != "value" or event["answer"] == "value":
            continue
        if event["answer"] in ("wrong", "timeout"):
            problems.append(f"{event['name']}: {event.get('text') or 'no answer'}")
        elif not (event["name"] in raising or (may_fail and _ALLOWED_WITH_FAULTS & set(event["bases"]))):
            problems.append(f"{event['name']} failed with {event['answer']} although no fault was planned")
    if "error" not in report and not any(fault.do in ("kill_gcs", "restart_gcs") and not session.redis for fault in session.faults):
        if not report["finished"]:
            problems.append("the programs were not done within the session's limit")
        elif not report["quiet"]:
            problems.append("the cluster did not become quiet: CPUs in use or a death unknown to the GCS")
    return problems


def _can_cancel(driver: plan.Driver) -> bool:
    return any(isinstance(step, plan.Cancel) for step in driver.steps)


def executions(happened: list[Event]) -> dict[str, int]:
    """How often each task was started."""
    counts: dict[str, int] = {}
    for event in happened:
        if event["what"] == "start":
            counts[event["name"]] = counts.get(event["name"], 0) + 1
    return counts
