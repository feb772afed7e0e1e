"""Verdicts whose truth is known: small scenarios, each with what was worked out by hand.

A file of tests/truth/ tells its story in its first comment. A line `#> CLAIM: OUTCOME [DOING];
WORDS` is what must come out: the claim's outcome, whose doing it is (may be left out), and words
that its reasons, in either language, must hold (so may these). `#! worlds` asks for worlds too;
`#! not yet: CLAIM, ...; WHY` names claims of which something else comes out today.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pytest

import govsim as gs
from govsim.evidence.claims.result import Verdict

FILES = sorted((Path(__file__).parent / "truth").glob("*.yaml"))
FOUR = ("before", "process_only", "merger_only", "after")
LEVERS_OF_BOTH_KINDS = re.compile(r"kind: process\b")
EXPECTED = re.compile(r"^#> (\w+): ([^;\[\n]+?)(?: \[([^\]\n]+)\])?(?:; (.+))?$", re.M)
LATER = re.compile(r"^#! not yet: ([\w, ]+)(?:; (.+))?$", re.M)
POSTS = "family: one_post_less"
WORLDS = re.compile(r"^#! worlds$", re.M)


class Truth(NamedTuple):
    """What must come out of one claim of a file."""

    path: Path
    claim: str
    outcome: str
    doing: str
    words: str


@cache
def judged(path: Path) -> dict[str, Verdict]:
    """The verdicts of a file, from as many replications and worlds as it states."""
    text = path.read_text(encoding="utf-8")
    with TemporaryDirectory() as folder:
        out = Path(folder) / "run" if WORLDS.search(text) or POSTS in text else None
        runs = gs.run(gs.load(path), progress=False, out=out)
        if POSTS in text:
            gs.staff(runs, progress=False)
        if WORLDS.search(text):
            there = FOUR if LEVERS_OF_BOTH_KINDS.search(text) else ("before", "after")
            gs.explore(runs, configurations=there, progress=False)
        return {verdict.claim: verdict for verdict in gs.claims(runs).verdicts}


def truths() -> Iterator[Truth]:
    """Every line of every file."""
    for path in FILES:
        for line in EXPECTED.findall(path.read_text(encoding="utf-8")):
            yield Truth(path, *line)


def cases() -> Iterator[Any]:
    """A test for each line, those that are not met yet marked so."""
    for truth in truths():
        text = truth.path.read_text(encoding="utf-8")
        later = {name: why for names, why in LATER.findall(text) for name in names.split(", ")}
        marks = [pytest.mark.slow] if WORLDS.search(text) else []
        if truth.claim in later:
            marks.append(pytest.mark.xfail(reason=later[truth.claim], strict=False))
        name = f"{truth.path.stem}: {truth.claim}: {truth.outcome}"
        yield pytest.param(truth, id=name, marks=marks)


@pytest.mark.parametrize("truth", [*cases()])
def test_a_verdict_is_what_was_worked_out_by_hand(truth: Truth) -> None:
    verdict = judged(truth.path)[truth.claim]
    said = " ".join(reason for told in verdict.reasons.values() for reason in told)
    assert verdict.outcome == truth.outcome, said
    assert verdict.doing.word == truth.doing or not truth.doing, said
    assert truth.words.casefold() in said.casefold()
    assert len(verdict.reasons["en"]) == len(verdict.reasons["zh"]) > 0


def test_every_story_says_what_must_come_out() -> None:
    assert {truth.path for truth in truths()} == {*FILES}
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        said = {line[0] for line in EXPECTED.findall(text)}
        assert said == {*gs.load(path).tree["claims"]}, path
        later = {name for names, _ in LATER.findall(text) for name in names.split(", ")}
        assert later <= said, path


@pytest.mark.parametrize("name", ["seats_too_few_after", "seats_too_few_before"])
def test_the_screen_tells_whose_queue_cannot_settle_and_no_percentage(name: str) -> None:
    path = next(path for path in FILES if path.stem == name)
    runs = gs.run(gs.load(path), n=2, configurations=("before", "after"), progress=False)
    screen = str(runs.summary())
    which = name.removeprefix("seats_too_few_")
    assert f"warning: more work comes than can be done in {which} (board)" in screen
    assert all(runs.summary().percent(line) is None for line in runs.summary().lines)


COUNTED = (
    "eight_seats_for_ten_short",
    "eight_seats_for_ten_long",
)


@pytest.mark.parametrize("name", COUNTED)
def test_where_seats_are_too_few_no_percentage_is_told_however_long_one_counts(name: str) -> None:
    path = next(path for path in FILES if path.stem == name)
    summary = gs.run(gs.load(path), n=2, configurations=("before", "after"), progress=False)
    told = summary.summary()
    assert all(told.percent(line) is None for line in told.lines if line.service != "plain")
