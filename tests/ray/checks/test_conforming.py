"""Tables about conformed sessions: counts by kind, and what is left over."""

from __future__ import annotations

from pathlib import Path

from raymc_ray import kinds
from raymc_ray.conforming import Conformed, by_kind, commands, judge, left_over
from raymc_ray.places import INCONCLUSIVE, OK, VIOLATED


def _session(kind: str, verdict: str, release: str = "2.55.1", reason: str = "") -> Conformed:
    return Conformed(f"0001_{kind}_s7", kind, release, 7, verdict, 50, reason)


SESSIONS = [
    _session("plain", "explained"),
    _session("plain", "not explained", reason="grant"),
    _session("plain", "explained", release="2.60.0"),
    _session("nested", "refused", reason="3 owners"),
]


def test_a_row_for_each_kind_and_release() -> None:
    rows = [line.split("\t") for line in by_kind(SESSIONS).splitlines()]
    assert rows[0] == ["kind", "release", "sessions", "explained", "not_explained", "cut_off", "refused", "events"]
    assert rows[1:] == [
        ["nested", "2.55.1", "1", "0", "0", "0", "1", "50"],
        ["plain", "2.55.1", "2", "1", "1", "0", "0", "100"],
        ["plain", "2.60.0", "1", "1", "0", "0", "0", "50"],
        ["all", "all", "4", "2", "1", "0", "1", "200"],
    ]


def test_what_is_left_over_has_its_reason() -> None:
    assert left_over(SESSIONS).splitlines()[1:] == [
        "0001_plain_s7\t2.55.1\tnot explained\tgrant",
        "0001_nested_s7\t2.55.1\trefused\t3 owners",
    ]


def test_the_exit_code_is_that_of_the_worst() -> None:
    assert judge(SESSIONS[:1]) == OK
    assert judge([SESSIONS[0], SESSIONS[3]]) == INCONCLUSIVE
    assert judge(SESSIONS) == VIOLATED


def test_the_commands_name_what_was_recorded() -> None:
    def conformed(count: int, seed: int, names: list[str], release: str) -> list[Conformed]:
        return [Conformed(each.name, each.kind, release, seed, "explained", 1, "", each.index) for each in kinds.choose(count, seed, names)]

    every = conformed(9, 5, sorted(kinds.all_kinds()), "2.60.0")
    two = conformed(4, 6, ["nested", "nested_twice"], "2.55.1")
    assert commands(every[:4] + every[5:] + two, Path("out/report")) == [
        "./raymc ray sessions --random 4 --seed 6 --kinds nested,nested_twice --ray 2.55.1 --conform --report out/report",
        "./raymc ray sessions --random 9 --seed 5 --ray 2.60.0 --conform --report out/report",
    ]
