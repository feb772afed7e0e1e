"""Verdicts whose truth is known: small scenarios, each with what was worked out by hand.

A file of tests/truth/ tells its story in its first comment. A line
`#> CLAIM: OUTCOME [DOING]; WORDS` is what must come out: the claim's outcome, whose doing it is
(where it says so), and words that its reasons, in either language, must hold.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

import govsim as gs
from govsim.evidence.claims.result import Verdict

FILES = sorted((Path(__file__).parent / "truth").glob("*.yaml"))
EXPECTED = re.compile(r"^#> (\w+): ([^;\[\n]+?)(?: \[(.+?)\])?(?:; (.+))?$", re.M)


@cache
def judged(path: Path) -> dict[str, Verdict]:
    """The verdicts of a file, from as many replications as it states."""
    runs = gs.run(gs.load(path), progress=False)
    return {verdict.claim: verdict for verdict in gs.claims(runs).verdicts}


def expected() -> list[tuple[Path, str, str, str, str]]:
    """(file, claim, outcome, doing, words) of every line."""
    lines = [(path, EXPECTED.findall(path.read_text(encoding="utf-8"))) for path in FILES]
    return [(path, *line) for path, found in lines for line in found]


@pytest.mark.parametrize(
    ("path", "claim", "outcome", "doing", "words"),
    [pytest.param(*line, id=f"{line[0].stem}: {line[1]}: {line[2]}") for line in expected()],
)
def test_a_verdict_is_what_was_worked_out_by_hand(
    path: Path, claim: str, outcome: str, doing: str, words: str
) -> None:
    verdict = judged(path)[claim]
    said = " ".join(reason for told in verdict.reasons.values() for reason in told)
    assert verdict.outcome == outcome, said
    assert verdict.doing.word == doing or not doing, said
    assert words in said


def test_every_story_says_what_must_come_out() -> None:
    assert {path for path, *_ in expected()} == {*FILES}


@pytest.mark.parametrize("name", ["seats_too_few_after", "seats_too_few_before"])
def test_the_screen_tells_whose_queue_cannot_settle_and_no_percentage(name: str) -> None:
    path = next(path for path in FILES if path.stem == name)
    runs = gs.run(gs.load(path), n=2, configurations=("before", "after"), progress=False)
    screen = str(runs.summary())
    which = name.removeprefix("seats_too_few_")
    assert f"warning: more work comes than can be done in {which} (board)" in screen
    assert all(runs.summary().percent(line) is None for line in runs.summary().lines)
