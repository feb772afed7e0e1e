"""The page on judgement says what the scenarios that it names say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import govsim as gs
from govsim.evidence.settling import foreseen
from test_truth import judged

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "judgement.md").read_text(encoding="utf-8")
QUOTED = re.compile(r"<!-- (\w+): (\w+) -->\n```text\n(.+?)\n```", re.S)
TRUTH = ROOT / "tests" / "truth"


def named() -> Iterator[str]:
    """The scenarios of tests/truth that the page names."""
    yield from (name for name in re.findall(r"`(\w+)`", TEXT) if (TRUTH / f"{name}.yaml").exists())


@pytest.mark.slow
@pytest.mark.parametrize(("name", "claim", "words"), QUOTED.findall(TEXT))
def test_what_the_page_quotes_is_said(name: str, claim: str, words: str) -> None:
    said = " ".join(judged(TRUTH / f"{name}.yaml")[claim].reasons["en"])
    assert " ".join(words.split()) in said


@pytest.mark.slow
def test_the_numbers_of_the_example_of_who_counts_come_out() -> None:
    said = judged(TRUTH / "leave_after_24_minutes.yaml")
    quicker, wait, within = (
        " ".join(said[claim].reasons["en"]) for claim in ("quicker", "wait", "nine_in_ten")
    )
    for number in ("2.7419", "0.0583", "−97.9 %", "+230 %"):
        assert number in quicker
    assert "from 1,325.7 to 14.0 min" in wait
    assert "83.5 %" in within
    for number in ("2.7419", "0.0583", "97.9 %", "230 %", "1,325.7", "14.0", "83.5 in 100"):
        assert number in TEXT


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "claim", "numbers"),
    [
        ("swap_of_those_who_leave", "quicker", ["−50 %", "same answer in both it is 0 %"]),
        ("true_of_those_who_stayed", "p90", ["56.5 in 100 of all who filed"]),
        ("half_have_no_answer", "quicker", ["from 11 to 31 calendar days"]),
        ("half_have_no_answer", "within_40", ["50 in 100 had no answer yet"]),
        ("seats_too_few_after", "plain", ["−96.4 %"]),
        ("worlds_that_the_reform_breaks", "half", ["above 12.1 h"]),
        ("mostly_by_the_merger", "less", ["Of 36 points", "30 points are the merger's"]),
        ("mostly_by_the_process_levers", "less", ["Of 50 points", "10 points are the merger's"]),
        ("hardly_by_the_merger", "less", ["Of 43 points", "3 points are the merger's"]),
        ("merger_undoes_half", "fifth", ["takes back 25 points of the 50 points"]),
        ("too_small_to_ask_whose", "much_less", ["−3 %"]),
        ("what_did_not_happen", "one_in_100", ["[0, 19]"]),
    ],
)
def test_numbers_of_the_page_come_out(name: str, claim: str, numbers: list[str]) -> None:
    said = " ".join(judged(TRUTH / f"{name}.yaml")[claim].reasons["en"])
    assert [number for number in numbers if number not in said] == []
    assert f"`{name}`" in TEXT


def test_loads_of_the_page_are_those_of_check() -> None:
    for name, loads in (("seats_too_few_after", (88, 200)), ("seats_too_few_before", (200, 88))):
        before, after = foreseen(gs.load(TRUTH / f"{name}.yaml"), ("before", "after"))
        board = [
            next(100 * (pool.load or 0) for pool in each.pools if pool.meeting)
            for each in (before, after)
        ]
        assert board == pytest.approx(loads, abs=0.5)


def test_every_scenario_that_the_page_names_is_there() -> None:
    assert len({*named()}) > 10
    for name in re.findall(r"`(\w+_\w+)`", TEXT):
        assert (TRUTH / f"{name}.yaml").exists() or name in ("process_only", "merger_only"), name


def test_the_links_of_the_page_lead_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)", TEXT):
        assert (ROOT / "docs" / target).exists(), target


def test_words_of_statisticians_stand_in_their_own_section() -> None:
    told, _, _ = TEXT.partition("## For statisticians")
    for word in ("restricted", "censored", "competing", "aalen", "max-t", "bootstrap", "fieller"):
        assert word not in told.lower(), word
