"""A scenario file: loaded whole, hashed by its meaning, described for editors.

It is checked without heavy libraries.
"""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

from govsim.errors import Problem, ScenarioError
from govsim.organisation.configure import unknowns
from govsim.organisation.load import load, reread
from govsim.scenario import Scenario, json_schema, new, reference, show_defaults, text
from govsim.scenario.problems import did_you_mean, where
from govsim.scenario.sections import DESK_KINDS
from strategies import scenarios

ROOT = Path(__file__).parent.parent
SHIPPED = sorted((ROOT / "scenarios").glob("*.yaml"))
SMALL = (
    (Path(__file__).parent / "broken" / "head_version.yaml")
    .read_text(encoding="utf-8")
    .replace("govsim: 2", "govsim: 1")
)


def small(*changes: tuple[str, str]) -> Scenario:
    changed = SMALL
    for old, now in changes:
        assert old in changed
        changed = changed.replace(old, now)
    return load("small.yaml", changed)


@pytest.mark.slow
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_scenario_that_we_ship_is_accepted_by_check_and_by_editors(path: Path) -> None:
    assert load(path).title
    jsonschema.Draft7Validator(json_schema()).validate(text.read(path).tree)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_scenario_opens_with_its_story(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith("# ")


def test_the_schema_for_editors_is_draft_7_and_tells_what_keys_mean() -> None:
    schema = json_schema()
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    jsonschema.Draft7Validator.check_schema(schema)
    described = [
        field
        for part in schema["definitions"].values()
        for field in part.get("properties", {}).values()
    ]
    assert len(described) > 100
    assert all("description" in field for field in described)
    assert '"type": "null"' not in json.dumps(schema)


@pytest.mark.parametrize(
    "wrong", [{"services": {"a": {"rout": []}}}, {"govsim": 2}, {"title": 3}, {}]
)
def test_an_editor_sees_gross_mistakes_too(wrong: dict[str, object]) -> None:
    tree = text.parse(SMALL).tree | wrong
    assert list(jsonschema.Draft7Validator(json_schema()).iter_errors(tree)) or not wrong


@pytest.mark.slow
@given(written=scenarios())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_generated_scenarios_are_accepted_by_check_and_by_editors(written: str) -> None:
    load(
        Path(__file__).parent / "broken" / "generated.yaml",
        written.replace("instants.csv", "records.csv"),
    )
    jsonschema.Draft7Validator(json_schema()).validate(text.parse(written).tree)


def test_the_first_scenario_of_ones_own_is_accepted(tmp_path: Path) -> None:
    for name in ("my_town", 'a: {b} # "c"\n- d', "岢岚县", ""):
        path = tmp_path / "new.yaml"
        path.write_text(new.text(name), encoding="utf-8")
        assert load(path).title


def test_checking_imports_nothing_heavy() -> None:
    code = (
        "import sys; from govsim.organisation.load import load\n"
        "from govsim.scenario import json_schema, show_defaults\n"
        f"s = load({str(SHIPPED[0])!r}); json_schema(); show_defaults(s)\n"
        "print([m for m in ('numpy', 'pandas', 'scipy', 'numba', 'matplotlib', 'simpy', 'sqlite3') "
        "if m in sys.modules])"
    )
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.strip()
        == "[]"
    )


# ----------------------------------------------------------------------------------------- the tree


def test_a_fragment_is_replaced_by_its_steps_at_the_line_of_its_use() -> None:
    scenario = small()
    route = scenario.tree["services"]["permit"]["route"]
    assert route[-2:] == [
        {"task": "sign_it", "desk": "sign", "effort": "10 min"},
        {"mark": "decided"},
    ]
    use = next(k for k, line in enumerate(SMALL.splitlines(), 1) if "use: signed" in line)
    assert scenario.lines["services", "permit", "route", len(route) - 2, "effort"] == use


def test_a_blank_that_is_a_whole_value_keeps_its_type_and_the_owner_is_the_department() -> None:
    scenario = small(
        ("with: [minutes]", "with: [minutes, chance]"),
        (
            "      - {mark: decided}",
            (
                "      - {choice: again, chance: <chance>, then: [{transfer: to_<owner>, to: "
                "<owner>, takes: 1 h}]}"
            ),
        ),
        ("with: {minutes: 10 min}", "with: {minutes: 10 min, chance: 0.25}"),
    )
    step = scenario.tree["services"]["permit"]["route"][-1]
    assert step["chance"] == 0.25
    assert step["then"] == [{"transfer": "to_north", "to": "north", "takes": "1 h"}]


def test_a_mistake_in_a_fragment_is_told_once_however_often_it_is_used() -> None:
    with pytest.raises(ScenarioError) as refused:
        small(
            ("{task: sign_it, desk: sign,", "{task: sign_<n>, desk: sing,"),
            ("with: [minutes]", "with: [n]"),
            ("effort: <minutes>", "effort: 5 min"),
            (
                "- {use: signed, with: {minutes: 10 min}}",
                "- {use: signed, with: {n: a}}\n      - {use: signed, with: {n: b}}",
            ),
            ("      - {mark: decided}\n", ""),
        )
    assert [problem.message for problem in refused.value.problems] == [
        "no desk 'sing'; did you mean 'sign'? (fragment 'signed', line 44) [and in 1 other place]"
    ]


def test_inserted_steps_may_use_fragments() -> None:
    scenario = small(
        (
            "    set: {parameters.papers: {times: 0.8}}",
            (
                "    insert: {services.licence: {after: check, steps: [{use: signed, with: "
                "{minutes: 5 min}}]}}"
            ),
        )
    )
    inserted = scenario.tree["reform"]["fewer_papers"]["insert"]["services.licence"]["steps"]
    assert [next(iter(step)) for step in inserted] == ["task", "mark"]


def test_dates_stay_texts_and_yaml_is_1_2() -> None:
    tree = text.parse(
        "a: 2024-01-01\nb: yes\nc: 010\nd: 1_000\ne: 08:30\nf: null\ng: true\nh: 1e3\ni: '3'\n"
    ).tree
    assert tree == {
        "a": "2024-01-01",
        "b": "yes",
        "c": 10,
        "d": "1_000",
        "e": "08:30",
        "f": None,
        "g": True,
        "h": 1000.0,
        "i": "3",
    }


def test_a_scenario_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        small().title = "another"  # type: ignore[misc]


# ----------------------------------------------------------------------------------------- the hash


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "now"),
    [
        ("effort: 60 min", "effort: 1 h"),
        ("takes: 5 days}", "takes: 120 h}"),
        ("paper: 0.7", "paper: 70 %"),
        ("title: {en: A small office, zh: 小机关}", "title: Another name"),
        ("north: {name: North}", "north: {name: 北局}"),
        ("source: assumption", "source: a report"),
        ("{share: 0.4, files: office}", "{files: office, share: 0.40}"),
        (
            "- {use: signed, with: {minutes: 10 min}}",
            "- {task: sign_it, desk: sign, effort: 10 min}\n      - {mark: decided}",
        ),
        ("  seed: 1", "  seed: 1  # any"),
        ("absent: {value: 0.1, range: [0.05, 0.2]", "absent: {value: 10 %, range: [5, 20]"),
        ("statistic: mean", "statistic: p90"),
        ("replications: 10", "replications: 20"),
    ],
)
def test_the_hash_does_not_see_spelling(old: str, now: str) -> None:
    assert small((old, now)).hash == small().hash


@pytest.mark.parametrize(
    ("old", "now"),
    [
        ("effort: 60 min", "effort: 61 min"),
        ("members: 2, serves: {window", "members: 3, serves: {window"),
        ("discipline: due_date", "discipline: fifo"),
        ("range: [0.2, 0.5]", "range: [0.2, 0.6]"),
        ("{times: 0.8}", "{times: 0.7}"),
        ("reform_day: 2024-03-01", "reform_day: 2024-03-02"),
        ("in_person: {share: 0.4, files: office}", "in_person: {share: 0.4, files: always}"),
        ("settled: 2024-04-01", "settled: 2024-05-01"),
    ],
)
def test_the_hash_sees_what_changes_results(old: str, now: str) -> None:
    assert small((old, now)).hash != small().hash


def test_the_order_of_members_is_part_of_the_meaning() -> None:
    lines = SMALL.splitlines(keepends=True)
    first = next(k for k, line in enumerate(lines) if line.startswith("  clerks:"))
    lines[first], lines[first + 1] = lines[first + 1], lines[first]
    assert load("small.yaml", "".join(lines)).hash != small().hash


def test_claims_have_a_hash_of_their_own() -> None:
    assert small(("statistic: mean", "statistic: p90")).claims_hash != small().claims_hash
    assert small(("effort: 60 min", "effort: 61 min")).claims_hash == small().claims_hash


KNOWN = (
    "known:\n  slow: "
    "{measure: cycle_time, statistic: p90, level: at_least, value: 20 days, source: a}"
)


@pytest.mark.parametrize(
    "more",
    [
        KNOWN,
        "known: none",
        "experiment: {matters: {days: 2}}",
        "experiment: {outcomes_margin: 2 %}",
        "experiment: {headline: {cohort: settled}}",
    ],
)
def test_what_claims_are_judged_by_belongs_to_their_hash_and_not_to_that_of_the_meaning(
    more: str,
) -> None:
    text = f"{SMALL}\n{more}\n"
    if more.startswith("experiment"):
        inside = more.removeprefix("experiment: {").removesuffix("}")
        text = SMALL.replace("experiment:\n", f"experiment:\n  {inside}\n")
    other = load("small.yaml", text)
    assert other.claims_hash != small().claims_hash
    assert other.hash == small().hash


def test_the_hash_of_the_claims_sees_what_is_known_and_not_who_says_so() -> None:
    def hashed(known: str) -> str:
        return load("small.yaml", f"{SMALL}\n{known}\n").claims_hash

    assert hashed(KNOWN) != hashed(KNOWN.replace("20 days", "21 days"))
    assert hashed(KNOWN) == hashed(KNOWN.replace("source: a", "source: the office's own report"))
    assert hashed(KNOWN) == hashed(KNOWN.replace("20 days", "480 h"))
    assert hashed("known: {}") == small().claims_hash


def test_a_number_that_is_known_is_never_drawn() -> None:
    known = KNOWN.replace("20 days", "{value: 20 days, range: [10, 30]}")
    assert unknowns(load("small.yaml", f"{SMALL}\n{known}\n")).keys() == unknowns(small()).keys()


def test_the_hash_sees_the_contents_of_files(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(
        SMALL.replace(
            "{every: 1 days, first: 2024-01-02 09:00}", "{recorded: log.csv, column: filed}"
        ),
        encoding="utf-8",
    )
    hashes = set()
    for instant in ("2024-01-02 09:00", "2024-01-02 09:01"):
        (tmp_path / "log.csv").write_text(f"filed\n{instant}\n", encoding="utf-8")
        hashes.add(load(path).hash)
    assert len(hashes) == 2


# ---------------------------------------------------------------------------------- defaults, words


def test_every_default_that_was_used_is_shown() -> None:
    shown = dict(show_defaults(small()))
    assert shown["desks.window.discipline"] == "fifo"
    assert shown["services.permit.intake.again_effort"] == 1
    assert shown["services.permit.intake.supplement.tolerated"] == 0
    assert shown["services.permit.publicity.calendar"] == "the service's"
    assert shown["services.permit.to_south.leaves"] == "any time"
    assert "desks.review.discipline" not in shown
    assert "desks.window.factor" not in shown


def test_steps_go_by_their_names_in_messages() -> None:
    tree = {"services": {"a": {"route": [{"choice": "c", "then": [{"task": "t", "desk": "d"}]}]}}}
    assert where(tree, ("services", "a", "route", 0, "then", 0, "desk")) == "services.a.t.desk"
    assert where(tree, ("services", "a", "route", 0, "then")) == "services.a.c.then"
    assert where(tree, ("services", "a", "route")) == "services.a.route"


def test_problems_are_told_in_the_order_of_the_file() -> None:
    error = ScenarioError(
        "f.yaml", [Problem(7, "b", "late"), Problem(3, "", "early"), Problem(7, "b", "late")]
    )
    assert str(error) == "f.yaml:3: early\nf.yaml:7: b: late"


def test_a_hint_names_the_nearest_or_lists_what_there_is() -> None:
    assert did_you_mean("drc_windw", ["drc_window", "guide"]) == "; did you mean 'drc_window'?"
    assert did_you_mean("x", ["b", "a"]) == "; there are: a, b"
    assert did_you_mean("x", ["a"]) == "; there is: a"
    assert did_you_mean("x", []) == "; there are none"
    assert did_you_mean("x", [f"name_{k:02}" for k in range(20)]).endswith("name_11 and 8 more")


def test_without_an_experiment_its_defaults_are_shown() -> None:
    text_of = SMALL[: SMALL.index("experiment:")].replace("    cohort: settled\n", "")
    assert dict(show_defaults(load("small.yaml", text_of)))["experiment.replications"] == 200


def test_the_reference_page_is_the_schema_of_today() -> None:
    assert (ROOT / "docs" / "reference.md").read_text(encoding="utf-8") == reference.page()


def test_claims_can_be_about_the_measures_of_all_who_filed_and_not_about_those_told_beside() -> (
    None
):
    from govsim.measures import CATALOGUE
    from govsim.scenario.claims import MEASURES

    beside = {"stayed", "cycle_time_answered", "cycle_time_working_answered"}
    beside |= {f"{kind}_wait_per_task" for kind in DESK_KINDS}
    there = {measure.name for measure in CATALOGUE}
    assert there - {*MEASURES} == beside
    assert {*MEASURES} <= there
    for name in beside:
        claim = SMALL.replace("measure: cycle_time,", f"measure: {name},", 1)
        assert claim != SMALL
        with pytest.raises(ScenarioError, match=f"'{name}' is not possible here"):
            load("small.yaml", claim)


def test_a_text_that_was_run_is_read_again_as_it_was() -> None:
    scenario = small()
    again = reread(scenario.path, scenario.text, scenario.hash)
    assert (again.tree, again.lines) == (scenario.tree, scenario.lines)
    assert (again.hash, again.claims_hash) == (scenario.hash, scenario.claims_hash)
    with pytest.raises(ScenarioError):  # another text is checked
        reread(scenario.path, scenario.text.replace("services:", "servces:"), scenario.hash)
    with pytest.raises(ScenarioError):
        reread(scenario.path, "- a list", scenario.hash)
