"""Delta debugging on the list of choices: the fewest that still show a difference, in a bounded number of tries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

Shows = Callable[[tuple[str, ...]], Awaitable[bool]]


async def minimise(choices: tuple[str, ...], shows: Shows, tries_max: int) -> tuple[tuple[str, ...], int]:
    """The smallest list that was found, and how many tries it took. First without any message held: a difference that does not need the order is
    the easiest to explain."""
    tries = 0

    async def still(wanted: tuple[str, ...]) -> bool:
        nonlocal tries
        tries += 1
        return await shows(wanted)

    free = tuple(each for each in choices if not each.startswith("deliver "))
    if free != choices and tries < tries_max and await still(free):
        choices = free
    parts = 2
    while len(choices) > 1 and tries < tries_max:
        size = -(-len(choices) // parts)
        pieces = [choices[at : at + size] for at in range(0, len(choices), size)]
        for number in range(len(pieces)):
            rest = tuple(each for other, piece in enumerate(pieces) if other != number for each in piece)
            if tries >= tries_max:
                return choices, tries
            if await still(rest):
                choices, parts = rest, max(2, parts - 1)
                break
        else:
            if size == 1:
                break
            parts = min(len(choices), 2 * parts)
    return choices, tries
