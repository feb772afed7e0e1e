"""The report: one file in both languages, and no number that is not one.

Nothing comes from outside, nothing is executed.
"""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pytest

import govsim as gs
from govsim import cli
from govsim.display import figures, numbers, words
from govsim.errors import RunError, StoreError
from govsim.evidence.attribution.result import Attribution, Contribution, Effect
from govsim.evidence.staffing.result import Less, Staffing, Together
from govsim.evidence.worlds.parts import Choice, ClaimInWorlds, Counts, Failure, Output, Unknown
from govsim.evidence.worlds.result import Worlds
from govsim.evidence.worlds.sensitivity import Effects, VarianceSplit
from govsim.organisation.configure import configure
from govsim.report import checklist, opening, printing
from govsim.report.maps import every, maps, touches
from govsim.report.material import Material
from govsim.statistics.estimate import Estimate
from shipped import shipped
from small_office import OFFICE

ROOT = Path(__file__).parent.parent
STYLE = (ROOT / "src/govsim/report/template/page.css").read_text(encoding="utf-8")
EVIL = (
    "<script>alert(1)</script>\"'><img src=http://elsewhere.invalid/x onerror=alert(2)> $x_1$ {{ "
    "7 * 7 }} </svg></style>"
)
REFORM = """
reform:
  one_house:
    about: {en: One house, zh: 合并}
    bundle: house
    kind: merger
    set: {departments.here.part_of: both, departments.there.part_of: both}
  less_paper:
    about: {en: Less paper, zh: 少要材料}
    bundle: paper
    kind: process
    set: {parameters.incomplete: {times: better}}
  no_decision:
    bundle: house
    kind: merger
    remove: [services.permit.decision]
claims:
  faster:
    quote: 更快
    cohort: late
    holds_if: [{measure: cycle_time, statistic: mean, change: decrease, at_least: 5 %}]
experiment:
  cohorts: {late: 2024-04-01..2024-06-30}
  headline: {cohort: late}
  mix: [permit]
"""
ONE = "reform:\n  less: {bundle: paper, kind: process, set: {staff.clerks.members: 3}}\n"
VOID = {"meta", "input", "br", "img", "hr", "link"}
PAGE = (
    "html head meta title style body fieldset legend input label div a header p h1 h2 h3 nav ol "
    "ul li main section span"
)
CONTENT = "figure figcaption table caption thead tbody tr th td small details summary code pre b em"
DRAWING = "svg desc defs g path use clippath rect text pattern"
ALLOWED = set(f"{PAGE} {CONTENT} {DRAWING}".split())


class Page(HTMLParser):
    """What a browser would make of a page, as far as these tests ask."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.unbalanced: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.texts.append(data)

    @property
    def said(self) -> str:
        """All that can be read."""
        return " ".join(" ".join(self.texts).split())

    def every(self, tag: str) -> list[dict[str, str]]:
        """The attributes of all elements with that tag."""
        return [attributes for name, attributes in self.tags if name == tag]


def ran(folder: Path, text: str, n: int = 4, **options: Any) -> gs.Runs:
    file = folder / "office.yaml"
    file.write_text(text, encoding="utf-8")
    return gs.run(gs.load(file), n, out=folder / "runs", progress=False, **options)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> gs.Runs:
    return ran(tmp_path_factory.mktemp("report"), OFFICE + REFORM)


@pytest.fixture(scope="module")
def text(runs: gs.Runs) -> str:
    return gs.report(runs, "both", "stress")


@pytest.fixture(scope="module")
def both(text: str) -> Page:
    return Page(text)


@pytest.fixture(scope="module")
def english(runs: gs.Runs) -> str:
    return gs.report(runs, "en")


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures take most of the time of a report, and say nothing to some tests."""

    def svg(axes: Any, *_: str) -> str:
        plt.close(axes.figure)
        return ""

    monkeypatch.setattr(figures, "svg", svg)


# ----------------------------------------------------------------------------------------- the page


def test_a_report_has_its_eleven_sections_in_each_language(both: Page) -> None:
    for lang in ("en", "zh"):
        assert [each["id"] for each in both.every("section") if each["id"].startswith(lang)] == [
            f"{lang}-{k}" for k in range(1, 12)
        ]


def test_headings_go_down_one_level_at_a_time(both: Page) -> None:
    levels = [int(tag[1]) for tag, _ in both.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_element_is_closed_and_of_a_harmless_kind(both: Page) -> None:
    assert both.unbalanced == []
    assert both.open == []
    assert {tag for tag, _ in both.tags} <= ALLOWED


def test_nothing_is_fetched_and_nothing_is_executed(both: Page) -> None:
    for _, attributes in both.tags:
        assert not [
            name
            for name in attributes
            if name.startswith("on") or name in ("src", "srcset", "action", "data")
        ]
        assert attributes.get("href", "#").startswith("#")
        assert not re.search(r"url\((?!#)", attributes.get("style", ""))
    assert not re.search(r"url\(|@import", STYLE)


def test_every_id_stands_once_and_every_link_leads_to_one(both: Page) -> None:
    ids = [attributes["id"] for _, attributes in both.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {attributes["href"][1:] for _, attributes in both.tags if "href" in attributes}
    links |= {
        name
        for _, attributes in both.tags
        for name in attributes.get("aria-labelledby", "").split()
    }
    links |= {
        found
        for _, attributes in both.tags
        for found in re.findall(r"url\(#([^)]+)\)", " ".join(attributes.values()))
    }
    assert links <= set(ids)


def test_a_screen_reader_is_told_what_every_table_and_picture_is(both: Page) -> None:
    assert len(both.every("table")) == len(both.every("caption"))
    assert all(each.get("scope") in ("col", "row") for each in both.every("th"))
    pictures = both.every("svg")
    assert len(pictures) == len(both.every("desc")) > 8
    assert all(each["role"] == "img" and each["aria-labelledby"] for each in pictures)
    assert {"header", "nav", "main"} <= {tag for tag, _ in both.tags}
    assert both.every("html")[0]["lang"] == "en"
    assert {each["lang"] for each in both.every("div") if each.get("class") == "version"} == {
        "en",
        "zh-Hans",
    }


@pytest.mark.slow
def test_a_table_stands_under_every_picture(english: str) -> None:
    pictures = re.findall(r"<figure.*?</figure>", english, re.DOTALL)
    assert pictures
    assert all("<table" in each for each in pictures)


@pytest.mark.slow
def test_scenario_texts_are_shown_and_never_executed(tmp_path: Path) -> None:
    quoted = json.dumps(EVIL)
    text = OFFICE.replace("title: A small office", f"title: {quoted}\npurpose: {quoted}") + REFORM
    text = text.replace(
        "about: {en: One house, zh: 合并}", f"about: {{en: {quoted}, zh: {quoted}}}"
    )
    text = text.replace(
        "  permit:\n    department: here",
        f"  permit:\n    name: {{en: {quoted}, zh: {quoted}}}\n    department: here",
    )
    text = text.replace("here: {}", f"here: {{name: {quoted}}}").replace(
        "source: assumption", f"source: {quoted}"
    )
    made = gs.report(ran(tmp_path, text, 2), "both", "stress")
    page = Page(made)
    assert page.unbalanced == []
    assert {tag for tag, _ in page.tags} <= ALLOWED
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    assert EVIL in page.said
    assert "49" not in re.findall(r"\$ (\S+) </svg>", page.said)


@pytest.mark.slow
def test_the_same_run_gives_the_same_bytes(text: str, commanded: tuple[str, set[str]]) -> None:
    """In another process as well."""
    assert commanded[0] == text


# ------------------------------------------------------------------------------------- what it says


@pytest.mark.slow
def test_studies_that_were_not_made_are_named_with_their_command(
    runs: gs.Runs, english: str
) -> None:
    said = Page(english).said
    for command in ("attribute", "explore", "staff"):
        assert f"govsim {command} {runs.folder}" in said


@pytest.mark.slow
def test_studies_beside_the_run_are_shown(runs: gs.Runs, tmp_path: Path) -> None:
    known = Estimate(-1.5, -2.0, -1.0, 40)
    share, bundles = Estimate(100.0, 90.0, 110.0, 4), []
    for name, kind in (("house", "merger"), ("paper", "process")):
        bundles.append(
            Contribution(
                name,
                kind,
                ("one_house",),
                known,
                share,
                known,
                known,
                0.97 if name == "house" else 0.03,
            )
        )
    effect = Effect(
        "cycle_time",
        "mean",
        "mix",
        "late",
        "days",
        known,
        known,
        known,
        tuple(bundles),
        (),
        tuple(bundles),
        "t",
    )
    attribution = Attribution("office", "here", 1, 40, 4, (effect,))
    less = Less("clerks", 2, 40.0, 0.1, "holds", changes={"permit": Estimate(0.5, -1.0, 1.2, 4)})
    cut = Together(("clerks",), 1, False)
    staffing = Staffing(
        "office",
        "here",
        1,
        ("before", "after"),
        "cycle_time",
        "p90",
        "late",
        2.0,
        95.0,
        4,
        2,
        {"clerks": 2},
        less,
        (less,),
        (cut,),
        (),
    )
    effects, split = (
        Effects((0.6, 0.1), (0.7, 0.2), (0.65, 0.15), 0.05, 0.9),
        VarianceSplit(1.0, 0.1),
    )
    unknowns = (
        Unknown("incomplete", 0.2, 0.7, "", "assumption", (0.3,) * 8),
        Unknown("better", 0.25, 1.0, "", "assumption", (0.5,) * 8),
    )
    box = Failure("better above 0.8", "better 高于 0.8", 0.8, 0.9, (1.0,))
    faster = ClaimInWorlds(
        ("holds",) * 6 + ("fails",) * 2, 6, 2, 0, 0.41, 0.93, box, effects, split
    )
    faster = dataclasses.replace(faster, without=Counts(3, 2, 3, 0), known=("slow",))
    output = Output(1.2, 0.4, 2.0, effects, split)
    worlds = Worlds(
        "office",
        "here",
        1,
        8,
        ("before", "after"),
        (8,) * 8,
        unknowns,
        {"faster": faster},
        {"before > after": output},
        (("better", 1.5),),
        0.1,
        choice=Choice(
            8,
            100,
            {"queues settle": 60, "slow": 32},
            tuple(range(8)),
            {"queues settle": "they settle", "slow": "p90 above 20 days", "late": "late at most"},
            (("incomplete", 0.25, 0.35),),
        ),
        idle=("unused",),
        together=(("incomplete", "better"),),
    )
    folder = Path(shutil.copytree(runs.folder or "", tmp_path / "run"))
    for name, study in (("attribution", attribution), ("staff", staffing), ("worlds", worlds)):
        (folder / name).mkdir()
        (folder / name / f"{name}.json").write_text(json.dumps(study.to_dict()), encoding="utf-8")
    said = Page(gs.report(gs.Runs.open(folder), "en")).said
    assert "The main driver is the bundle “house”" in said
    assert "Posts that could go together: 1, of 1 that the search tried" in said
    assert "incomplete + better: 1.50 claims more" in said
    assert "better above 0.8" in said
    for told in (
        "Fewer than 64 possible offices: they decide nothing.",
        "Fewer than one office in ten could exist (8 of 100 proposed)",
        "Of 100 offices proposed from the ranges, 8 do not contradict what is known",
        "Refused by “the queues of the office before settle”: 60.",
        "Refused by “slow”: 32.",
        "Refused none: late.",
        "incomplete (0.25 to 0.35)",
        "their effects are one: incomplete, better",
        "Left out, as they change nothing that was simulated: unused.",
        "6 / 2 / 0",
        "3 / 2 / 3",
        "about what is known itself: slow",
        "incomplete + better 80 %",
    ):
        assert told in said
    assert not [
        command
        for command in ("attribute", "staff", "explore")
        if f"govsim {command} {folder}" in said
    ]


def beside(runs: gs.Runs, place: Path, name: str, content: bytes) -> Path:
    """A copy of a run, with a study beside it."""
    folder = Path(shutil.copytree(runs.folder or "", place / "run"))
    (folder / name).mkdir()
    (folder / name / f"{name}.json").write_bytes(content)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00", b'{"run": "off', b"", b"[]", b"null", b"{}", b'{"effects": [1]}']
)
def test_a_damaged_study_is_told_with_the_command_that_makes_it_again(
    runs: gs.Runs, tmp_path: Path, undrawn: None, content: bytes
) -> None:
    folder = beside(runs, tmp_path, "attribution", content)
    with pytest.raises(
        StoreError, match=f"attribution.json: .*make it again with: govsim attribute {folder}"
    ):
        gs.report(gs.Runs.open(folder), "en")


@pytest.mark.slow
def test_worlds_of_a_scenario_without_claims_are_shown_without_a_table_of_claims(
    tmp_path: Path,
) -> None:
    unknown = Unknown("better", 0.25, 1.0, "", "assumption", (0.5,) * 8)
    worlds = Worlds(
        "office", "here", 1, 8, ("before", "after"), (8,) * 8, (unknown,), {}, {}, (), 0.1
    )
    made = ran(
        tmp_path, OFFICE + re.sub("claims:.*(?=experiment:)", "", REFORM, flags=re.DOTALL), 2
    )
    folder = beside(made, tmp_path, "worlds", json.dumps(worlds.to_dict()).encode())
    page = gs.report(gs.Runs.open(folder), "both")
    assert "Fewer than 64 possible offices: they decide nothing." in Page(page).said
    assert "Share of worlds in which each claim holds" not in page


@pytest.mark.slow
@pytest.mark.parametrize(
    ("reform", "english", "chinese"),
    [
        ("", "no measure of reform", "没有改革措施"),
        (ONE, "one bundle of levers, “paper”", "一组措施“paper”"),
    ],
)
def test_no_command_is_advised_that_would_be_refused(
    tmp_path: Path, undrawn: None, reform: str, english: str, chinese: str
) -> None:
    sure = re.sub(r"\{value: ([^,}]+), range: \[[^]]*\], source: assumption\}", r"\1", OFFICE)
    said = Page(gs.report(ran(tmp_path, sure + reform, 2), "both")).said
    assert "govsim explore" not in said
    assert "govsim attribute" not in said
    for told in (english, chinese, "only one possible office", "只有一个可能的机构"):
        assert told in said


@pytest.mark.slow
def test_where_less_than_a_month_is_counted_nothing_is_said_of_months() -> None:
    assert (
        "no month after the reform day" not in Page(gs.report(shipped("harmful_pooling", 2))).said
    )


@pytest.mark.slow
def test_a_reform_that_changes_no_time_has_no_share_of_a_change(tmp_path: Path) -> None:
    idle = "reform:\n  name: {kind: merger, set: {departments.here.name: New}}\n"
    idle += "  same: {kind: process, set: {staff.clerks.members: 2}}\n"
    material, said_to_change = (
        Material(ran(tmp_path, OFFICE + idle, 3)),
        numbers.Number(Estimate(-1.0, -2.0, -0.5, 3), "days"),
    )
    assert material.middle
    # a warning of a division by 0 is an error here
    told = opening._share(material, words.Words("en"), said_to_change)
    assert not re.search(r"\bnan\b|\d", told)


@pytest.mark.slow
def test_a_sentence_says_unit_cohort_and_what_needed_no_merger(english: str) -> None:
    said = Page(english).said
    assert "filings of 2024-04-01 to 2024-06-30" in said
    assert re.search(r"the process levers alone bring it to \d+\.\d+.working days", said)
    assert re.search(
        r"What the merger adds to them: [−+]\d+\.\d+.working days \(95 % interval", said
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "configurations"), [(1, ("before", "after")), (2, ("before",)), (2, ("before", "after"))]
)
def test_what_cannot_be_estimated_is_said_in_words(
    tmp_path: Path, n: int, configurations: tuple[str, ...]
) -> None:
    said = Page(
        gs.report(
            ran(tmp_path, OFFICE + REFORM, n, configurations=configurations), "both", "stress"
        )
    ).said
    assert not re.search(r"\bnan\b|\binf\b|None", said)


@pytest.mark.slow
def test_where_more_comes_than_can_be_done_the_growth_of_the_backlog_is_told_and_no_percentage(
    tmp_path: Path,
) -> None:
    text = OFFICE.replace(
        "value: 1000, range: [500, 2000]", "value: 8000, range: [500, 9000]"
    ).replace("2024-12-31", "2024-07-10")
    (tmp_path / "office.yaml").write_text(text + REFORM, encoding="utf-8")
    page = Page(
        gs.report(
            gs.run(gs.load(tmp_path / "office.yaml"), 2, out=tmp_path / "runs", progress=False),
            "both",
        )
    )
    assert re.search(
        r"More work comes than can be done in “before” \(clerks: \d{3} % of their hours; "
        r"reviewers: \d{3} % of their hours; experts: \d{3} % of their hours\): times .* grows by "
        r"\+\d{3}",
        page.said,
    )
    assert re.search(
        r"“改革前”的工作量超过办理能力（clerks：为其工时的 \d{3}%；reviewers：为其工时的 \d{3}%；"
        r"experts：为其工时的 \d{3}%）.*队列不会收敛，积压每月变化 \+\d{3}",
        page.said,
    )
    assert "or not estimable (queues cannot settle)" in page.said
    assert "Claims: 1; 1 undetermined." in page.said
    assert re.findall(r"[−+]\d[\d.]* %", page.said) == []


@pytest.mark.slow
def test_a_run_whose_scenario_is_no_longer_valid_still_has_a_report(
    runs: gs.Runs, tmp_path: Path, undrawn: None
) -> None:
    text = json.loads((runs.folder or tmp_path).joinpath("run.json").read_text(encoding="utf-8"))
    for name in ("run.json", "run.sqlite"):
        (tmp_path / name).write_bytes((runs.folder or tmp_path).joinpath(name).read_bytes())
    (tmp_path / "run.json").write_text(json.dumps({**text, "text": "govsim: 2"}), encoding="utf-8")
    assert "cannot be read any more" in Page(gs.report(gs.Runs.open(tmp_path), "en")).said


def test_digits_end_where_the_simulation_error_begins() -> None:
    def shown(value: float, half: float) -> str:
        return numbers.value_of(Estimate(value, value - half, value + half, 9))

    assert shown(12.3456, 0.02) == "12.35"
    assert shown(12.3456, 0.3) == "12.3"
    assert shown(1234.56, 40.0) == "1,235"
    assert shown(-0.004, 0.3) == "0.0"
    assert numbers.value_of(Estimate(24.0, 24.0, 24.0, 9, "exact")) == "24"
    assert numbers.value_of(Estimate(None, None, None, 0, "no completed case")) == "–"


def test_both_languages_say_the_same_values_and_every_sentence_is_used() -> None:
    for key, (english, chinese) in words.SENTENCES.items():
        assert set(re.findall(r"{(\w+)}", english)) == set(re.findall(r"{(\w+)}", chinese)), key
        assert not re.search(r"[\u4e00-\u9fff]", english), key
    code = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("report", "display", "evidence/staffing", "evidence/trace")
        for path in (ROOT / "src/govsim" / folder).glob("*.py")
    )
    code += (ROOT / "src/govsim/report/template/page.html").read_text(encoding="utf-8")
    made = re.compile("(title|did|tag|status|drawn|why|trace)_|(weekly|backlog)_(figure|about)")
    unused = [
        key
        for key in words.SENTENCES
        if len(re.findall(f"['\"]{key}['\"]", code)) < 2 and not made.match(key)
    ]
    assert unused == []


# ----------------------------------------------------------------------------------------- the maps


def test_a_lever_touches_the_services_whose_applicants_it_changes() -> None:
    """Plans filed online change no step, but when applicants of two services file."""
    scenario = gs.load(ROOT / "scenarios/one_counter.yaml")
    none, online = (configure(scenario, name).regimes[1] for name in ("before", "before+online"))
    touched = [name for name in none.services if touches(none, online, name)]
    assert touched == ["remodel", "shop_fitting"]


@pytest.mark.slow
def test_a_map_shows_which_lever_removed_moved_or_joined_a_step() -> None:
    scenario = gs.load(ROOT / "scenarios/kelan.yaml")
    before, after = (configure(scenario, name).regimes[1] for name in ("before", "after"))
    levers = configure(scenario, "after").levers
    alone = {name: configure(scenario, [name]).regimes[1] for name in levers}
    (found,) = maps(before, after, alone, ["investment_project"])
    changes = {node.name: node.changes for node, *_ in found.steps}
    assert changes["sign_3"] == {"removed": ("fewer_signatures",)}
    assert changes["visit_drc"] == {"removed": ("one_window",)}
    assert changes["opinion_drc"]["parallel"] == ("parallel_opinions",)
    assert changes["to_drc"]["inside"] == ("internal_transfer",)
    assert changes["joint_meeting"] == {"meeting": ("weekly_meeting",)}
    assert not changes["decided"]
    assert [node.name for node in every(found.after) if node.kind == "parallel"] == ["opinions"]


def test_a_reform_of_nothing_but_names_changes_no_map() -> None:
    scenario = gs.load(ROOT / "scenarios/null_reform.yaml")
    before, after = (configure(scenario, name).regimes[1] for name in ("before", "after"))
    assert all(
        not node.changes
        for each in maps(before, after, {}, list(before.services))
        for node, *_ in each.steps
    )


# ------------------------------------------------------------------------------------ the checklist


def test_the_checklist_has_its_24_items_in_six_groups(runs: gs.Runs) -> None:
    assert len(checklist.ITEMS) == len({item.number for item in checklist.ITEMS}) == 24
    assert {item.number[0] for item in checklist.ITEMS} == set("123456")
    assert checklist.empty_items(Material(runs)) == ["1.1 purpose of the model"]


@pytest.mark.slow
def test_strict_fails_on_an_empty_item_only_if_the_checklist_was_asked_for(
    runs: gs.Runs, capsys: pytest.CaptureFixture[str], undrawn: None
) -> None:
    assert code(["report", str(runs.folder), "--strict"]) == 0
    assert code(["report", str(runs.folder), "--strict", "--checklist", "stress"]) == 1
    assert "1.1 purpose of the model" in capsys.readouterr().err


# -------------------------------------------------------------------------------------- the command


def code(arguments: list[str]) -> int:
    try:
        cli.main(arguments, standalone_mode=True)
    except SystemExit as left:
        return int(left.code or 0)
    return 0


@pytest.fixture(scope="module")
def commanded(runs: gs.Runs, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, set[str]]:
    """The page that the command writes, and what it loaded."""
    page = tmp_path_factory.mktemp("page") / "it.html"
    words = ["report", str(runs.folder), "--lang", "both", "--checklist", "stress"]
    program = (
        "import sys\nfrom govsim.cli import main\n"
        f"try: main({[*words, '--out', str(page)]!r})\n"
        "except SystemExit as left: assert not left.code\nprint(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    ).stdout.split()
    assert list(page.parent.iterdir()) == [page]
    return page.read_text(encoding="utf-8"), set(loaded)


@pytest.mark.slow
def test_the_command_writes_one_file_and_loads_no_engine(commanded: tuple[str, set[str]]) -> None:
    page, loaded = commanded
    assert page.startswith("<!DOCTYPE html>")
    assert not loaded & {"numba", "simpy", "pandas"}


def test_a_language_or_checklist_that_is_not_there_is_refused(runs: gs.Runs) -> None:
    with pytest.raises(RunError, match="choose en, zh or both"):
        gs.report(runs, "fr")
    with pytest.raises(RunError, match="stress"):
        gs.report(runs, "en", "consort")


@pytest.mark.slow
def test_a_file_that_cannot_be_written_is_told_without_a_traceback(
    runs: gs.Runs, capsys: pytest.CaptureFixture[str], undrawn: None
) -> None:
    assert code(["report", str(runs.folder), "--out", "/nowhere/at/all.html"]) == 2
    assert "choose another file with --out" in capsys.readouterr().err


def test_a_page_is_not_written_where_its_pdf_would_lie(
    runs: gs.Runs, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert code(["report", str(runs.folder), "--pdf", "--out", str(tmp_path / "p.pdf")]) == 2
    assert "give the page a name that ends in .html" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_without_a_browser_a_pdf_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(printing, "BROWSERS", ("no-such-browser",))
    with pytest.raises(RunError, match="no browser that can print"):
        printing.to_pdf(tmp_path / "a.html")


# ------------------------------------------------------------------------------------- in a browser

browser = pytest.mark.skipif(
    printing.browser() is None, reason="no Chromium here: apt-get install chromium fonts-noto-cjk"
)
MISSING = """<!DOCTYPE html><meta charset="utf-8"><pre id="out"></pre><script>
const draw = (c) => { const e = document.createElement('canvas'); e.width = e.height = 40;
  const x = e.getContext('2d'); x.font = '24px %s'; x.fillText(c, 4, 30); return e.toDataURL(); };
const none = [draw('\\u{10FFFE}'), draw('\\u{0378}')];
const missing = [...%s].filter((c) => none.includes(draw(c)));
document.getElementById('out').textContent = JSON.stringify(missing);
</script>"""


def drawn(page: Path, *arguments: str) -> str:
    done = printing.headless("--virtual-time-budget=4000", "--dump-dom", *arguments, page.as_uri())
    assert done.returncode == 0, done.stderr
    return done.stdout


@browser
def test_every_character_has_a_glyph(both: Page, tmp_path: Path) -> None:
    characters = "".join(sorted({each for each in both.said if not each.isspace()}))
    family = re.search(r"body\{[^}]*font-family:([^}]+)\}", STYLE)
    assert family
    (tmp_path / "glyphs.html").write_text(
        MISSING % (family[1].replace('"', ""), json.dumps(characters + "\u0379")), encoding="utf-8"
    )
    found = re.search(r'<pre id="out">(.*?)</pre>', drawn(tmp_path / "glyphs.html"))
    assert found
    assert json.loads(found[1]) == ["\u0379"]  # which nobody has


def requested(page: Path, log: Path) -> dict[str, set[str]]:
    """What a browser that loads a page asks the network for:
    the addresses by the number of who in it asks.
    """
    drawn(page, f"--log-net-log={log}", "--disable-background-networking")
    asked = re.findall(
        r'"traffic_annotation":(\d+),"url":"([^"]+)"',
        log.read_text(encoding="utf-8", errors="replace"),
    )
    return {who: {address for each, address in asked if each == who} for who, _ in asked}


@browser
def test_a_browser_asks_no_other_host_for_anything(runs: gs.Runs, tmp_path: Path) -> None:
    page, control, picture = (
        tmp_path / "report.html",
        tmp_path / "control.html",
        "http://elsewhere.invalid/x.png",
    )
    gs.report(runs, "both", "stress", page)
    # not even without it
    page.write_text(
        re.sub("<meta http-equiv.*?>", "", page.read_text(encoding="utf-8")), encoding="utf-8"
    )
    control.write_text(f"<img src={picture}>", encoding="utf-8")
    (pages,) = [
        who
        for who, addresses in requested(control, tmp_path / "control.log").items()
        if picture in addresses
    ]
    assert {
        each
        for each in requested(page, tmp_path / "net.log").get(pages, ())
        if not each.startswith("file:")
    } == set()


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    others = plt.get_fignums()  # what other tests left
    yield
    assert plt.get_fignums() == others  # a report leaves no picture open
