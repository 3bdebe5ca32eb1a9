"""Traps: traces that end in a state from which nothing helps, whatever comes then. In Ray something has to come."""

from __future__ import annotations

import asyncio

from conduct.conductor import Conductor
from conduct.scene import gcs_stays_down
from conduct.verbs import WAIT_SECONDS


async def go_on(on: Conductor) -> None:
    """What a trap leaves undone: a GCS that has crashed starts again, and living owners submit the rest, as far as they can."""
    if gcs_stays_down(on.trace):
        await on.stage.gcs_process(await on.stage.operator.ask("start_gcs"))
    for name in on.scene.tasks:
        owner = on.owner_of(name)
        if owner in on.players and owner not in on.dead_owners:
            on.begin_to_submit(name)
    if on.submissions:
        await asyncio.wait(on.submissions.values(), timeout=WAIT_SECONDS)
