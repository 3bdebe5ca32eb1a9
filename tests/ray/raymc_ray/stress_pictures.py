"""The two plots of a stress test."""

from __future__ import annotations

from raymc_ray.stress_measure import Measured
from raymc_ray.svg import Picture, ticks

_BLUE, _RED, _ORANGE, _GREEN = "#8fb4d9", "#c0392b", "#e69f00", "#2e8b57"
_WIDTH, _LEFT, _RIGHT = 760, 60, 20


def rounds_picture(rounds: list[Measured]) -> str:
    """One bar a round, from the first submission to the last value, with its kills and death notices."""
    left, top, row = _LEFT, 56, 20
    longest = max([*(measured.values_at or 0.0 for measured in rounds), *_notices(rounds), 1.0])
    marks = ticks(longest)
    picture = Picture(_WIDTH, top + row * len(rounds) + 50, "From the first submission to the last value")
    scale = (_WIDTH - left - _RIGHT) / marks[-1]
    bottom = top + row * len(rounds)
    for mark in marks:
        picture.line(left + mark * scale, top, left + mark * scale, bottom, "grid")
        picture.text(left + mark * scale, bottom + 18, f"{mark:g} s", "middle")
    for index, (colour, words) in enumerate([(_BLUE, "tasks run"), (_RED, "raylet killed"), (_ORANGE, "death known")]):
        picture.dot(left + 120 * index, 40, colour, words)
        picture.text(left + 10 + 120 * index, 44, words)
    for index, measured in enumerate(rounds):
        y = top + row * index
        picture.text(left - 8, y + 14, str(index), "end")
        if measured.values_at is not None:
            picture.bar(left, y + 4, measured.values_at * scale, row - 8, _BLUE, f"round {index}: last value after {measured.values_at:.2f} s")
        for killed, detected in zip(measured.killed_at, measured.detected_after):
            picture.dot(left + killed * scale, y + row / 2, _RED, f"killed at {killed:.2f} s")
            if detected is not None:
                picture.dot(left + (killed + detected) * scale, y + row / 2, _ORANGE, f"death known {detected:.2f} s later")
    return str(picture)


def _notices(rounds: list[Measured]) -> list[float]:
    return [killed + found for measured in rounds for killed, found in zip(measured.killed_at, measured.detected_after) if found is not None]


def detection_picture(rounds: list[Measured]) -> str:
    """The times from a kill to the death notice, sorted: a cumulative distribution."""
    times = sorted(found for measured in rounds for found in measured.detected_after if found is not None)
    left, top, width, height = _LEFT, 40, _WIDTH - _LEFT - 2 * _RIGHT, 220
    picture = Picture(_WIDTH, top + height + 50, "From SIGKILL of a raylet to its death in the node table")
    marks = ticks(max(times, default=1.0))
    for mark in marks:
        x = left + mark / marks[-1] * width
        picture.line(x, top, x, top + height, "grid")
        picture.text(x, top + height + 18, f"{mark:g} s", "middle")
    for share in (0, 50, 100):
        y = top + height - height * share / 100
        picture.line(left, y, left + width, y, "grid")
        picture.text(left - 8, y + 4, f"{share} %", "end")
    for index, time in enumerate(times):
        picture.dot(left + time / marks[-1] * width, top + height - height * (index + 1) / len(times), _GREEN, f"{time:.2f} s")
    return str(picture)
