"""Which of the things that could happen next does. A pure function: nothing here knows Ray, a clock or a file."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

MESSAGE, PROGRAM, STRIKE = "message", "program", "strike"
_STRIKES = 0.15  # how often a fault strikes while something else could happen
_FREE = 0.25  # how often the choice is random whatever was seen


@dataclass(frozen=True)
class Option:
    """Something that could happen next. `name` says what, without anything that differs from run to run; `key` is what steering knows it by; `at` is
    the process that it happens to; `sort` is a message's delivery, a step of the program, or a fault's strike."""

    name: str
    sort: str
    key: str
    at: str


@dataclass(frozen=True)
class Seen:
    """What was seen in earlier runs. `rules`: how often each rule; `pairs`: how often a rule came next after another in one process; `leads`: which
    rules each key led to, and how often."""

    rules: Mapping[str, int] = field(default_factory=dict)
    pairs: Mapping[tuple[str, str], int] = field(default_factory=dict)
    leads: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def likely(self, option: Option) -> str:
        """The rule that an option led to most often; empty if it was never chosen."""
        led = self.leads.get(option.key, {})
        return min(led, key=lambda rule: (-led[rule], rule)) if led else ""

    def novelty(self, option: Option, before: str) -> tuple[int, int]:
        """How often the least seen pair was seen that the option may end after the rule `before`, and its rule; the smaller, the newer."""
        led = self.leads.get(option.key, {})
        return min(((self.pairs.get((before, rule), 0), self.rules.get(rule, 0)) for rule in led), default=(0, 0))


def choose(seed: int, run: int, taken: Sequence[Option], options: Sequence[Option], seen: Seen) -> Option:
    """One of the options: a fault now and then, otherwise the delivery or step of the program that is newest. Same arguments, same choice."""
    said = "\n".join([str(seed), str(run), *(each.name for each in taken)])
    dice = random.Random(hashlib.sha256(said.encode()).digest())
    ordered = sorted(options, key=lambda each: each.name)
    strikes = [each for each in ordered if each.sort == STRIKE]
    others = [each for each in ordered if each.sort != STRIKE]
    candidates = strikes if strikes and (not others or dice.random() < _STRIKES) else others
    if dice.random() < _FREE:
        return candidates[dice.randrange(len(candidates))]
    last = {each.at: seen.likely(each) for each in taken}
    ranked = [(seen.novelty(each, last.get(each.at, "")), dice.random()) for each in candidates]
    return candidates[ranked.index(min(ranked))]
