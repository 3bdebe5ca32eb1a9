"""How a script sees that the property is violated: for each look of properties.tsv the lines that set `happened` and `words`.

None of them knows a scenario. They see what any program of Ray's user sees.
"""

from __future__ import annotations

from collections.abc import Callable

from report.needs_more import NeedsMore
from report.recipe import DRIVER, Recipe, children

HANG_SECONDS = 12


def ending(look: str, recipe: Recipe) -> list[str]:
    """Raises NeedsMore if a program cannot see it."""
    lines: Callable[[Recipe], list[str]] | None = known().get(look)
    if lines is None:
        raise NeedsMore(0, f"that is seen through the wire or the conductor alone ({look})")
    return lines(recipe)


def known() -> dict[str, Callable[[Recipe], list[str]]]:
    """The looks that a script has, by their words in properties.tsv."""
    return {name.removeprefix("_see_"): value for name, value in globals().items() if name.startswith("_see_")}


def _submitted(recipe: Recipe) -> list[str]:
    return sorted(move.who for move in recipe.moves if move.do == "submit")


def _answers(recipe: Recipe, seconds: int = HANG_SECONDS) -> list[str]:
    """What every task that the driver has submitted answers, once it may finish; what a parent's code waits for is in its answer."""
    pairs = ", ".join(f'"{name}": {name}' for name in _submitted(recipe))
    theirs = [child for name in _submitted(recipe) for child in children(recipe, name)]
    finish = [f"for name in {[*_submitted(recipe), *theirs]}: go(name)"] if pairs else []
    return [*finish, f"said = {{name: answer(reference, {seconds}) for name, reference in {{{pairs}}}.items()}}"]


def _struck(recipe: Recipe) -> set[str]:
    return {move.who for move in recipe.moves if move.do.endswith(("raylet", "node", "raylet_at_deadline"))}


def _driver_at(recipe: Recipe) -> str:
    return str(next(iter(recipe.scene.owners.values())).get("node", "n1"))


def _see_task_never_ends(recipe: Recipe) -> list[str]:
    lines = _answers(recipe)
    if _driver_at(recipe) in _struck(recipe):
        # Its own raylet is dead, so that nothing that it submits can run; what it ought to be told is an error.
        node = _driver_at(recipe)
        return [
            *lines,
            f'happened = "GetTimeoutError" in said.values() and not alive({node})',
            f'words = f"ray.get: {{said}} after {HANG_SECONDS} s; in the node table {node}, this driver\'s node, is dead: {{not alive({node})}}"',
        ]
    healthy = next((node for node in recipe.scene.idle if node not in _struck(recipe)), "head")
    return [
        *lines,
        'go("probe")',
        f'probe = answer(work.options(num_cpus=0, scheduling_strategy=at({healthy}, False)).remote("probe"), 30)',
        'happened = "GetTimeoutError" in said.values() and probe == "value"',
        f'words = f"ray.get within {HANG_SECONDS} s: {{said}}; of another task meanwhile: {{probe}}"',
    ]


def _see_owner_is_refused_again_and_again(recipe: Recipe) -> list[str]:
    """What its raylets refuse is in their logs; a program sees that its task never runs."""
    return _see_task_never_ends(recipe)


def _see_task_fails(recipe: Recipe) -> list[str]:
    if any(recipe.trace.is_left(name) for name in _submitted(recipe)):
        ended = sorted({move.who for move in recipe.moves if move.do == "raylet_ends"})
        if {*recipe.scene.idle} - {*ended}:
            return _see_task_never_ends(recipe)
        # No other task could run meanwhile.
        return [
            *_answers(recipe),
            f'happened = STRIKE and "GetTimeoutError" in said.values() and all(raylet(node).poll() is not None for node in ({", ".join(ended)},))',
            f'words = f"ray.get within {HANG_SECONDS} s: {{said}}; no raylet is left"',
        ]
    runs = " + ".join(f"len(ran('{name}'))" for name in _submitted(recipe))
    return [
        *_answers(recipe),
        'happened = bool({*said.values()} - {"value", "GetTimeoutError"})',
        f'words = f"ray.get: {{said}} after {{{runs}}} executions"',
    ]


def _see_node_is_blamed(recipe: Recipe) -> list[str]:
    return [
        *_answers(recipe, 2 * HANG_SECONDS),
        'happened = "NodeDiedError" in said.values() and all(row["Alive"] for row in ray.nodes())',
        'words = f"ray.get: {said}; all nodes are alive: {all(row[\'Alive\'] for row in ray.nodes())}"',
    ]


def _see_cancelled_task_runs(recipe: Recipe) -> list[str]:
    names = sorted({move.who for move in recipe.moves if move.do == "cancel"})
    return [
        *_answers(recipe),
        f'happened = {"" if recipe.control_cancels else "STRIKE and "}"value" in [said[name] for name in {names}]',
        'words = f"ray.get of what was cancelled: {said}"',
    ]


def _see_capacity_is_lost(recipe: Recipe) -> list[str]:
    return [
        *_answers(recipe, HANG_SECONDS // 2),
        'cpus = lambda: (ray.available_resources().get("CPU", 0), ray.cluster_resources()["CPU"])',
        f"happened = not until(lambda: cpus()[0] == cpus()[1], {HANG_SECONDS})",
        'words = f"{cpus()[0]:g} of {cpus()[1]:g} CPUs are free, and no task is left that could run; ray.get: {said}"',
    ]


def _see_task_sees_no_device(recipe: Recipe) -> list[str]:
    name = _submitted(recipe)[0]
    return [
        f'until(lambda: ran("{name}"))',
        f'seen = ran("{name}")[-1][1] if ran("{name}") else "nothing"',
        f'go("{name}")',
        'happened = seen == "0"',
        f'words = f"{name} asks for one GPU; in it ray.get_gpu_ids() has {{seen}}"',
    ]


def _see_worker_is_forgotten(recipe: Recipe) -> list[str]:
    """A raylet keeps as many idle workers as it has CPUs."""
    node = next(step.bindings["node"] for step in recipe.trace.steps if step.rule == "raylet.W16.ask_idle_worker_to_exit")
    names = [f"warm.{node}.{number}" for number in range(recipe.scene.idle[node])]
    cpus = int(recipe.scene.plan.nodes[recipe.scene.index(node)].cpus)
    return [
        f"living = lambda: [name for name in {names} if lives(ran(name)[-1][0])]",
        f"happened = not until(lambda: len(living()) <= {cpus}, {HANG_SECONDS})",
        f'words = f"{{len(living())}} idle workers on a node with {cpus} CPUs, {HANG_SECONDS} s after one of them was asked to exit"',
    ]


def _see_leaving_raylet_lives(recipe: Recipe) -> list[str]:
    node = next(move.who for move in recipe.moves if move.do in ("sigterm_raylet", "drain_preemption"))
    return [
        *_answers(recipe, HANG_SECONDS // 2),
        f"happened = STRIKE and not until(lambda: raylet({node}).poll() is not None, {HANG_SECONDS})",
        f'words = f"the raylet of {node} {{\'lives\' if raylet({node}).poll() is None else \'has ended\'}}; in the node table: {{alive({node})}}"',
    ]


def _see_retry_is_charged(recipe: Recipe) -> list[str]:
    """The next failure is one that max_retries allows, if the first was not charged."""
    named = [step.bindings.get("task", "") for step in recipe.trace.steps]
    name = next(each for each in reversed(named) if each in recipe.scene.tasks)
    parents = [each for each in _submitted(recipe) if children(recipe, each)]
    return [
        *([f"for name in {parents}: go(name)  # which then waits for its tasks"] if parents else []),
        f'for pid in until(lambda: [pid for pid, *_ in ran("{name}")[1:] if lives(pid)]) if STRIKE else []: os.kill(int(pid), signal.SIGKILL)',
        *_answers(recipe, 2 * HANG_SECONDS),
        'happened = bool({*said.values()} - {"value", "GetTimeoutError"})',
        f'words = f"ray.get after its next failure: {{said}}, after {{len(ran(\'{name}\'))}} executions"',
    ]


def _see_argument_starves(recipe: Recipe) -> list[str]:
    from conduct.scene import PINNED_BYTES

    node = next(node for node in recipe.scene.idle if node not in _struck(recipe))
    return [
        *_answers(recipe),
        'go("takes"), go("takes_nothing")',
        f'takes = answer(work.options(scheduling_strategy=at({node}, False)).remote("takes", 0, ray.put(bytes({PINNED_BYTES}))))',
        f'free = answer(work.options(num_cpus=0, scheduling_strategy=at({node}, False)).remote("takes_nothing"))',
        'happened = takes == "GetTimeoutError" and free == "value"',
        f'words = f"a task with an argument of {PINNED_BYTES >> 20} MiB: {{takes}}; one without: {{free}}"',
    ]


def _see_job_never_ends(recipe: Recipe) -> list[str]:
    return [
        "ended = lambda: all(row['IsDead'] for row in cluster.global_state.job_table())",
        f"happened = STRIKE and not until(ended, {HANG_SECONDS})",
        'words = f"the job has ended: {ended()}"',
    ]


def _see_death_is_not_told(recipe: Recipe) -> list[str]:
    """A task that only the dead node may run ought to fail at once."""
    node = next(iter(_struck(recipe)), DRIVER)
    return [
        f"until(lambda: not alive({node}))",
        'go("bound"), go("probe")',
        f'bound = answer(work.options(scheduling_strategy=at({node}, False), max_retries=0).remote("bound"))',
        'happened = STRIKE and bound == "GetTimeoutError" and answer(work.options(num_cpus=0).remote("probe"), 30) == "value"',
        'words = f"a task bound to the dead node: {bound}"',
    ]
