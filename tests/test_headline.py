"""The headline: one question, one answer; of whom and in what unit stands in the file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import govsim as gs
from govsim.display import names
from govsim.errors import ScenarioError
from govsim.evidence import words
from govsim.evidence.quantity import Quantity
from govsim.evidence.sample.replications import Sample
from govsim.evidence.staffing.question import asked_of
from govsim.evidence.summary.study import summary_of
from govsim.organisation.headline import headline_of, warnings_of

HERE = Path(__file__).parent
TRUTH = HERE / "truth" / "half_have_no_answer.yaml"

# two services, each without a queue: `quick` takes 2 calendar days, `slow` 20; one case of each a
# day, so that the mix is half of each: (2 + 20) / 2 = 11 before. After: 10 and 1


FASTER = "quick_too: {kind: process, set: {services.quick.decision.takes: 1 days}}"


def text_of(experiment: str) -> str:
    text = TRUTH.read_text(encoding="utf-8").replace("takes: 200 days}}}", "takes: 10 days}}")
    text = text.replace("\nclaims:", f", {FASTER}}}\nclaims:").replace("days}}\n, ", "days}}, ")
    return text.replace("experiment: {replications: 16}", f"experiment: {experiment}")


def read(tmp_path: Path, text: str) -> gs.Scenario:
    path = tmp_path / "office.yaml"
    path.write_text(text, encoding="utf-8")
    return gs.load(path)


def office(tmp_path: Path, experiment: str) -> gs.Scenario:
    return read(tmp_path, text_of(experiment))


def weekdays(tmp_path: Path, experiment: str) -> gs.Scenario:
    """`slow` is told in a calendar of Monday to Friday, 24 hours a day."""
    more = ', week: {day: 24 h, week: {mon-fri: ["00:00-24:00"]}}}'
    text = text_of(experiment).replace('["00:00-24:00"]}}}', '["00:00-24:00"]}}' + more, 1)
    text = text.replace("  quick:\n", "  quick:\n    calendar: always_open\n", 1)
    return read(tmp_path, text.replace("  slow:\n", "  slow:\n    calendar: week\n", 1))


def told(scenario: gs.Scenario, **more: Any) -> Any:
    runs = gs.run(scenario, n=2, configurations=("before", "after"), progress=False, **more)
    return runs, summary_of(runs)


def test_without_a_headline_times_are_in_working_days_of_everybody(tmp_path: Path) -> None:
    headline = headline_of(office(tmp_path, "{replications: 2}"))
    assert headline == ("counted", "working days", (), "")


def test_every_command_answers_in_the_unit_and_of_the_mix_of_the_headline(tmp_path: Path) -> None:
    scenario = office(tmp_path, "{replications: 2, headline: {unit: calendar days, mix: [slow]}}")
    runs, shown = told(scenario)
    assert [line.levels[0].value for line in shown.lines[:3]] == pytest.approx([20, 2, 20])
    assert shown.lines[0].change.value == pytest.approx(-10)
    assert "mean cycle time, calendar days (all counted cases; mix of slow)" in str(shown)
    compared = gs.compare(runs)
    assert (compared.measure, compared.unit) == ("cycle_time", "calendar days")
    assert compared.row("mix").before.value == pytest.approx(20)
    assert "all counted cases; mix of slow" in str(compared)
    divided = gs.attribute(runs, n=2, progress=False).effect
    assert (divided.unit, divided.total.value) == ("calendar days", pytest.approx(-10))
    assert asked_of(scenario, None, 0.9).quantity.measure == "cycle_time"


def test_rows_stay_valid_when_the_headline_changes(tmp_path: Path) -> None:
    one = office(tmp_path, "{replications: 2}")
    other = office(tmp_path, "{replications: 2, headline: {unit: calendar days, mix: [slow]}}")
    assert one.hash == other.hash
    assert one.claims_hash != other.claims_hash
    first, second = (Sample.of(told(each)[0]) for each in (one, other))
    rows = [each.stack("after", "values") for each in (first, second)]
    assert np.array_equal(*rows, equal_nan=True)
    mean = Quantity("cycle_time", "mean")
    assert first.values(mean, "before") == pytest.approx([11, 11])
    assert second.values(mean, "before") == pytest.approx([20, 20])


def test_a_mix_over_different_calendars_is_told_in_calendar_days_and_check_warns(
    tmp_path: Path,
) -> None:
    scenario = weekdays(tmp_path, "{replications: 2}")
    assert headline_of(scenario).unit == "calendar days"
    (warning,) = warnings_of(scenario)
    line = Path(scenario.path).read_text(encoding="utf-8").splitlines()[warning.line - 1]
    assert line.startswith("experiment:")
    assert "always_open, week" in warning.message


def test_a_mix_is_told_in_the_working_days_of_the_calendar_that_is_named(tmp_path: Path) -> None:
    """`quick` takes two days: in four full weeks of one case a day, Thursday's and Friday's lose
    what lies in the weekend: whole days filed on Monday to Wednesday 2, Thursday 2, Friday 1,
    Saturday 0, Sunday 1: 10 / 7 on average.
    """
    scenario = weekdays(tmp_path, "{replications: 2, headline: {calendar: week}}")
    assert (headline_of(scenario).unit, warnings_of(scenario)) == ("working days", [])
    assert scenario.hash != weekdays(tmp_path, "{replications: 2}").hash  # it is measured
    _, shown = told(scenario)
    quick = next(line for line in shown.lines if line.service == "quick")
    assert quick.levels[0].value == pytest.approx(10 / 7)
    assert "mean cycle time, working days" in str(shown)


def test_a_day_that_no_weekday_has_is_warned_of(tmp_path: Path) -> None:
    text = text_of("{replications: 2}").replace("day: 24 h", "day: 8 h")
    (warning,) = warnings_of(read(tmp_path, text))
    assert warning.where == "calendars.always_open.day"
    assert text.splitlines()[warning.line - 1].startswith("calendars: {always_open: {day: 8 h")
    assert "8 h, but a weekday has 24 h" in warning.message


def test_a_calendar_goes_with_working_days_only(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="goes with `unit: working days`"):
        office(tmp_path, "{headline: {unit: calendar days, calendar: always_open}}")


@pytest.mark.parametrize("unit", ["working days", "calendar days"])
def test_claims_and_the_page_say_which_days_in_the_same_words(unit: str) -> None:
    assert words.counted(unit, "en") == f" {names.UNITS[unit][0]}" == f" {unit}"
    assert words.counted(unit, "zh") == f" {names.UNITS[unit][1]}"
