"""Every warning is data, and stands beside its number: on the screen and on the page, in both
languages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter
from types import SimpleNamespace
from typing import Any

import pytest

import govsim as gs
from govsim.display.names import CONFIGURATIONS
from govsim.evidence.attribution.result import Attribution, Contribution, Effect
from govsim.evidence.claims.result import Verdicts
from govsim.evidence.qualification.phrases import PHRASES
from govsim.evidence.qualification.record import KEYS, Qualification, ordered, read_all
from govsim.evidence.settling import foreseen
from govsim.evidence.staffing.found import Less, Together
from govsim.evidence.staffing.result import Staffing
from govsim.evidence.worlds.landscape import Judged
from govsim.evidence.worlds.result import ClaimInWorlds, Worlds
from govsim.evidence.worlds.study import _Study
from govsim.statistics.estimate import Estimate

TRUTH = Path(__file__).parent / "truth"
LANGUAGES = ("en", "zh")
SAMPLES: dict[str, Any] = {  # what may stand in a phrase, by how it is told
    "id": "after",
    "row": ("one", "two"),
    "percent": 0.125,
    "whole": 0.5,
    "percents": {"clerks": 0.975},
    "numbers": {"before": 4, "after": 3},
    "by": {"before": 0.25, "after": 0.75},
    "in_100": 0.0625,
    "moved": {"completed": (0.9, 0.8)},
    "lacking": {"permit": (2, 5)},
    "g": 60.0,
    ".0f": 12.0,
    ".3g": 10.0,
    "": 7,
}
SPECIAL = {"growth": {"en": "; it grows", "zh": "；增长"}}
# file -> what must be warned of there, as the stories themselves say
STORIES = {
    "a_queue_that_grows_beyond_tau": {"more_work", "reform_breaks_the_queue", "no_answer_yet"},
    "a_rare_service": {"too_few_cases", "warm_up"},
    "a_service_never_filed": {"nobody_of_a_service"},
    "all_have_an_answer_now": {"mean_is_larger", "mean_of_the_first", "no_answer_by_service"},
    "attack_cohort_that_hides": {"otherwise_of_others"},
    "attack_promises_by_other_words": {"promise_redefined"},
    "broken_as_stated_but_not_in_most_worlds": {"refuted_as_stated", "pool_cannot_settle"},
    "everybody_faster_mean_rises": {"stay_away"},
    "half_the_clerks": {"unequal_posts", "hardly_idle", "long_queues", "not_at_the_limit"},
    "leave_after_24_minutes": {"true_of_who_stayed", "gave_up", "applicants_must_leave"},
    "nobody_is_late_before_or_after": {"percent_of_zero", "no_percentage"},
    "one_in_twenty_has_no_answer": {"mean_may_turn", "fare_worse"},
    "patience_that_nobody_needs": {"settles_by_leavers_only"},
    "promise_not_yet_known": {"promise_not_yet_known"},
    "quicker_but_not_the_slowest": {"slowest_fare_worse", "mean_gets_worse"},
    "refused_sooner": {"refusals_come_sooner"},
    "seats_too_few_before": {"no_size"},
    "seats_too_few_in_both": {"queues_cannot_settle"},
    "swap_of_those_who_leave": {"not_among_the_same", "not_the_same_people", "of_who_stayed"},
    "three_gain_and_one_loses": {"services_lose"},
    "too_few_replications": {"too_few_replications"},
    "worlds_that_the_reform_breaks": {"worlds_not_explored"},
}
FEW = {"too_few_replications": 8}
QUICK = ("half_the_clerks", "three_gain_and_one_loses")


class Page(HTMLParser):
    """What can be read in each language of a page, and what of it is folded away."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.texts: dict[str, list[str]] = {lang: [] for lang in LANGUAGES}
        self.open: dict[str, list[str]] = {lang: [] for lang in LANGUAGES}
        self.lang, self.folds = "", 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if named.get("class") == "version":
            self.lang = str(named["id"])
        self.folds += tag == "details"

    def handle_endtag(self, tag: str) -> None:
        self.folds -= tag == "details"

    def handle_data(self, data: str) -> None:
        if self.lang:
            self.texts[self.lang].append(data)
            if not self.folds:
                self.open[self.lang].append(data)

    def said(self, lang: str) -> str:
        return plain(" ".join(self.texts[lang]))

    def unfolded(self, lang: str) -> str:
        return plain(" ".join(self.open[lang]))


def plain(text: str) -> str:
    """Without what depends on where a line ends, or a sentence begins."""
    return re.sub(r"\s+", "", text).casefold()


def fields_of(phrase: str) -> set[tuple[str, str]]:
    """What stands in the braces of a phrase: names, and how they are told."""
    return {
        (name, spec or "") for _, name, spec, _ in Formatter().parse(phrase) if name is not None
    }


def example(key: str, qualifies: str = "after") -> Qualification:
    """A qualification of a kind, with numbers that mean nothing."""
    phrase = PHRASES[key]
    values = {name: SPECIAL.get(name, SAMPLES[spec]) for name, spec in fields_of(phrase.en)}
    values.pop("name", None)
    return Qualification(key, qualifies, values)


def called(runs: gs.Runs, lang: str, name: str) -> str:
    """What the page calls a configuration or a service."""
    if name in runs.configurations:
        return f"“{CONFIGURATIONS[name][lang == 'zh']}”"
    named = runs.settings.about["service_names"].get(name, {})
    said = runs.settings.about["said"]["groups"].get(name) or {}
    return str((named or said or {}).get(lang, name)) if isinstance(said, dict) else str(said)


# ----------------------------------------------------------------------------------------- as data


@pytest.mark.parametrize("key", KEYS)
def test_every_kind_says_the_same_numbers_in_both_languages(key: str) -> None:
    phrase = PHRASES[key]
    assert fields_of(phrase.en) == fields_of(phrase.zh)
    en, zh = example(key).pair
    assert not re.search(r"[{}]", en + zh)
    assert not re.search("[一-鿿]", en.replace("（", ""))
    assert re.search("[一-鿿]", zh)


def test_a_claim_left_open_in_some_possible_offices_is_called_by_its_name() -> None:
    """Of 16 offices, 8 in which it holds and 7 in which it fails: one is open, more than 5 %."""
    scenario = gs.load(TRUTH / "doing_shared.yaml")
    asked = SimpleNamespace(
        scenario=scenario, task=SimpleNamespace(settings=SimpleNamespace(id="r"))
    )
    states = ("holds",) * 8 + ("fails",) * 7 + ("unresolved",)
    found = {
        name: ClaimInWorlds(states, 8, 7, 1, 0.28, 0.72, None, None, None)
        for name in scenario.tree["claims"]
    }
    told = [*_Study._warnings(asked, found, [Judged(64, {}, {})] * 16)]  # type: ignore[arg-type]
    (first, *_) = found
    assert told[0].said() == (
        f"{first}: 6 % of the possible offices are unresolved after 64 replications; it may hold "
        "in 8 to 9 of 16"
    )
    assert told[0].said("zh").startswith(f"{first}：")


def test_the_numbers_are_kept_and_not_only_the_words() -> None:
    grows = Estimate(12.0, 10.0, 14.0, 16, "", "t")
    found = (
        Qualification("gave_up", "after", {"stayed": 0.94}),
        Qualification("not_among_the_same", "cycle_time mean", {"among_same": grows}),
    )
    again = read_all(
        json.loads(
            json.dumps([vars(found[0]), {**vars(found[1]), "numbers": {"among_same": vars(grows)}}])
        )
    )
    assert again == found
    assert again[1].numbers["among_same"].low == 10.0


def test_the_most_serious_come_first_and_each_once() -> None:
    gone, stays = Qualification("gave_up", "after"), Qualification("hardly_idle", "after")
    worst = Qualification("more_work", "before")
    assert ordered([stays, gone, worst, gone]) == (worst, gone, stays)


def test_sentences_are_as_worked_out_by_hand() -> None:
    moved = {"completed": (0.975, 0.915), "withdrawn": (0.0, 0.06)}
    names = {"first": "before", "last": "after"}
    people = Qualification("not_the_same_people", "before to after", {"moved": moved}, names)
    assert people.said() == (
        "not the same people from before to after (granted 97.5 % -> 91.5 %, gave up 0.0 % -> "
        "6.0 % of all who filed): a change of times is also one of who is in them"
    )
    assert people.said("zh") == (
        "从改革前到改革后不是同一批人（占全部申报人：准予 97.5% → 91.5%、放弃 0.0% → 6.0%）："
        "时间的变化也包含人的变化"
    )
    less = Qualification("stay_away", "visits mean", {"away": 0.0004})
    assert less.said().startswith("less than 0.1 in 100 of those who filed first")
    assert "不足 0.1 人" in less.said("zh")


# -------------------------------------------------------------------------- on screen and on page


def told_of(runs: gs.Runs, scenario: gs.Scenario) -> Iterator[tuple[Qualification, str, str]]:
    """Every warning of a run, with the screens that tell it in English and in Chinese."""
    verdicts, screens = gs.claims(runs), (runs.summary(), gs.compare(runs))
    for each in verdicts.warnings:
        yield each, verdicts.text("en"), verdicts.text("zh")
    for screen in screens:
        for each in screen.warnings:
            yield each, str(screen), ""
    for load in foreseen(scenario, runs.configurations):
        for each in load.warnings:
            yield each, each.said(), ""


def stories() -> Iterator[Any]:
    for name in STORIES:
        yield pytest.param(name, id=name, marks=[] if name in QUICK else [pytest.mark.slow])


@pytest.mark.parametrize("name", [*stories()])
def test_nothing_that_a_screen_warns_of_is_missing_on_the_page(name: str) -> None:
    scenario = gs.load(TRUTH / f"{name}.yaml")
    runs = gs.run(scenario, FEW.get(name, 16), ("before", "after"), progress=False)
    page = Page(gs.report(runs, "both"))
    on_screen, on_page = set(), {lang: set[str]() for lang in LANGUAGES}
    for each, en, zh in told_of(runs, scenario):
        assert plain(each.said("en")) in plain(en), each
        assert not zh or plain(each.said("zh")) in plain(zh), each
        on_screen.add(each.key)
        for lang in LANGUAGES:
            said = each.said(lang, lambda of, lang=lang: called(runs, lang, of))
            if plain(said) in page.said(lang) or more_is_told(each, page.said(lang), lang):
                on_page[lang].add(each.key)
    assert on_screen == on_page["en"] == on_page["zh"]
    assert STORIES[name] <= on_screen


def more_is_told(each: Qualification, page: str, lang: str) -> bool:
    """That a comparison tells the same with the loads, and the growth of the backlog, beside it."""
    grows = {"en": "backloggrowsby", "zh": "积压每月变化"}[lang]
    return each.key == "more_work" and grows in page


def test_the_table_of_claims_tells_the_worst_condition_and_who_loses_outside_any_fold() -> None:
    scenario = gs.load(TRUTH / "three_gain_and_one_loses.yaml")
    runs = gs.run(scenario, 16, ("before", "after"), progress=False)
    page = Page(gs.report(runs, "both"))
    for verdict in gs.claims(runs).verdicts:
        assert verdict.warnings
        for lang in LANGUAGES:
            assert plain(verdict.worst[lang]) in page.unfolded(lang)
            for each in verdict.warnings:
                assert plain(each.said(lang)) in page.unfolded(lang)


def test_the_worst_of_conditions_that_hold_is_the_one_with_the_least_room() -> None:
    path = TRUTH / "three_gain_and_one_loses.yaml"  # all together: a fifth less
    asked = ", ".join(
        f"{{measure: cycle_time, statistic: mean, change: decrease, at_least: {size} %}}"
        for size in (1, 19, 10)
    )
    text, claims = path.read_text(encoding="utf-8"), f"  all: {{quote: all, holds_if: [{asked}]}}"
    text = re.sub(r"(?<=\nclaims:\n).*(?=\nexperiment:)", claims, text, flags=re.DOTALL)
    runs = gs.run(gs.load(path, text), 16, ("before", "after"), progress=False)
    found = gs.claims(runs)["all"]
    assert found.base == "holds"
    assert found.worst == {lang: found.reasons[lang][1] for lang in LANGUAGES}
    assert "Claimed: down by at least 19 %." in found.worst["en"]


def test_verdicts_keep_their_warnings_in_json() -> None:
    scenario = gs.load(TRUTH / "swap_of_those_who_leave.yaml")
    found = gs.claims(gs.run(scenario, 16, ("before", "after"), progress=False))
    plain_data = json.loads(json.dumps(found.to_dict()))
    again = Verdicts.from_dict(plain_data)
    assert again.warnings
    assert [each.pair for each in again.warnings] == [each.pair for each in found.warnings]
    assert [each["key"] for each in plain_data["warnings"]] == [each.key for each in found.warnings]
    same = next(each for each in again.warnings if each.key == "not_among_the_same")
    assert isinstance(same.numbers["among_same"], Estimate)


def of(*kinds: str) -> tuple[Qualification, ...]:
    """An example of every kind that qualifies one of these."""
    return tuple(example(key) for key in KEYS if PHRASES[key].of in kinds)


@pytest.mark.slow
def test_what_the_studies_beside_a_run_warn_of_is_on_the_page(tmp_path: Path) -> None:
    scenario = gs.load(TRUTH / "three_gain_and_one_loses.yaml")
    runs = gs.run(scenario, 2, ("before", "after"), out=tmp_path, progress=False)
    known = Estimate(-1.5, -2.0, -1.0, 40)
    house = Contribution("house", "merger", ("one",), known, known, known, known, 0.97)
    effect = Effect(
        "cycle_time", "mean", "mix", "counted", "days", known, known, known, (house,), (), (), "t"
    )
    less = Less("clerks", 2, 40.0, 0.1, "holds")
    cut = Together(("clerks",), 1, False)
    beside = ("worlds_decide_nothing", "worlds_are_a_preview", "worlds_are_scarce")
    below = tuple(each for each in of("worlds") if each.key not in beside)
    studies = {
        "attribution": Attribution("x", "x", 1, 40, 4, (effect,), warnings=of("attribution")),
        "staff": Staffing(
            "x",
            "x",
            1,
            ("before", "after"),
            "cycle_time",
            "p90",
            "counted",
            2.0,
            95.0,
            4,
            2,
            {"clerks": 2},
            less,
            (less,),
            (cut,),
            (),
            warnings=of("staffing"),
        ),
        "worlds": Worlds("x", "x", 1, 8, ("before",), (16,) * 8, (), {}, {}, (), 0.0, below=below),
    }
    folder = runs.folder
    assert folder is not None
    for name, study in studies.items():
        (folder / name).mkdir()
        told = json.dumps(study.to_dict(), ensure_ascii=False)
        (folder / name / f"{name}.json").write_text(told, encoding="utf-8")
    page = Page(gs.report(gs.Runs.open(folder), "both"))
    for study in studies.values():
        assert study.warnings
        assert type(study).from_dict(json.loads(json.dumps(study.to_dict()))).warnings
        for each in study.warnings:
            assert plain(each.said()) in plain(str(study)), each
            for lang in LANGUAGES:
                said = each.said(lang, lambda name, lang=lang: called(runs, lang, name))
                assert plain(said) in page.unfolded(lang), each


# --------------------------------------------------------------------------------------- the margin


def test_whether_they_are_the_same_people_is_asked_with_the_margin_of_the_file() -> None:
    path = TRUTH / "half_have_no_answer.yaml"
    text = path.read_text(encoding="utf-8")
    said = []
    for margin in ("", ", outcomes_margin: 90 %"):
        changed = text.replace("{replications: 16}", f"{{replications: 16{margin}}}")
        runs = gs.run(gs.load(path, changed), 2, ("before", "after"), progress=False)
        for found in (runs.summary(), gs.compare(runs)):
            said.append("not_the_same_people" in {each.key for each in found.warnings})
    assert said == [True, True, False, False]
