"""What things are called: a name in the language, in another, or the id."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import govsim as gs
from govsim import cli
from govsim.organisation.names import called, said, unnamed

SCENARIOS = Path(__file__).parents[1] / "scenarios"
KELAN = SCENARIOS / "kelan.yaml"
TREE = {
    "services": {"permit": {"name": {"en": "Permit", "zh": "许可"}}, "licence": {}},
    "reform": {"online": {"about": "More is filed online"}},
    "names": {
        "steps": {"intake": {"en": "intake", "zh": "收件"}, "permit.intake": {"en": "first look"}},
        "desks": {"window": "Window 3"},
        "parameters": {"services.*.demand.per_year": {"en": "a year: {}", "zh": "年申报量：{}"}},
    },
}


@pytest.mark.parametrize(
    ("kind", "name", "english", "chinese"),
    [
        ("services", "permit", "Permit", "许可"),
        ("services", "licence", "licence", "licence"),  # none: its id
        ("reform", "online", "More is filed online", "More is filed online"),  # a lever's about
        ("steps", "licence.intake", "intake", "收件"),  # of all services
        ("steps", "permit.intake", "first look", "first look"),  # of one; no Chinese: the English
        ("steps", "permit.sign", "sign", "sign"),  # none: its id, without that of the service
        ("desks", "window", "Window 3", "Window 3"),
        ("parameters", "services.permit.demand.per_year", "a year: Permit", "年申报量：许可"),
        ("parameters", "delay", "delay", "delay"),
    ],
)  # fmt: skip
def test_a_thing_is_called_by_the_nearest_name_that_it_has(
    kind: str, name: str, english: str, chinese: str
) -> None:
    assert called(TREE, kind, name, "en") == english
    assert called(TREE, kind, name, "zh") == chinese


def test_a_name_is_kept_in_all_its_languages() -> None:
    both = {"en": "a year: Permit", "zh": "年申报量：许可"}
    assert said(TREE, "parameters", "services.permit.demand.per_year") == both
    assert said(TREE, "parameters", "delay") is None


def test_kelan_calls_nothing_by_an_id() -> None:
    assert unnamed(gs.load(KELAN)) == []


def test_check_lists_what_has_no_name_in_a_language() -> None:
    told = CliRunner().invoke(cli.main, ["check", str(SCENARIOS / "four_windows.yaml"), "--names"])
    assert told.exit_code == 0
    assert "no name: services one (en, zh)" in told.stdout
    assert "no name: departments hall" not in told.stdout


def test_names_do_not_change_what_is_meant(tmp_path: Path) -> None:
    text = (SCENARIOS / "four_windows.yaml").read_text(encoding="utf-8")
    path = tmp_path / "named.yaml"
    path.write_text(text + "names:\n  steps: {serve: at the window}\n", encoding="utf-8")
    named, plain = gs.load(path), gs.load(SCENARIOS / "four_windows.yaml")
    assert (named.hash, named.claims_hash) == (plain.hash, plain.claims_hash)


@pytest.mark.parametrize(
    ("names", "why"),
    [
        ("steps: {srve: x}", "nothing is called 'srve'; did you mean 'serve'"),
        ("parameters: {services.*.demnd: x}", "nothing is called 'services.*.demnd'"),
        ("stairs: {serve: x}", "stairs"),
    ],
)
def test_a_name_of_nothing_is_refused_with_its_line(tmp_path: Path, names: str, why: str) -> None:
    text = (SCENARIOS / "four_windows.yaml").read_text(encoding="utf-8")
    path = tmp_path / "named.yaml"
    path.write_text(f"{text}names:\n  {names}\n", encoding="utf-8")
    with pytest.raises(gs.ScenarioError) as refused:
        gs.load(path)
    (problem,) = refused.value.problems
    assert why in problem.message or why in problem.where
    assert problem.line == len(text.splitlines()) + 2


def test_a_run_calls_its_services_and_groups_as_the_page_does(tmp_path: Path) -> None:
    text = (SCENARIOS / "four_windows.yaml").read_text(encoding="utf-8")
    path = tmp_path / "named.yaml"
    path.write_text(
        text + "names: {services: {one: {zh: 一}}, staff: {clerk_1: {en: Ann}}}\n", encoding="utf-8"
    )
    runs = gs.run(gs.load(path), 1, configurations=("before",), progress=False)
    assert runs.settings.about["service_names"]["one"] == {"zh": "一"}
    assert runs.settings.about["said"]["groups"]["clerk_1"] == {"en": "Ann"}
