"""Records as data frames: readable names, dates, and nothing lost on the way."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from govsim.engine import simulate
from govsim.model import compile_model
from govsim.model.arrays import Model
from govsim.organisation.nouns import Attribute, AttributeValue, Configuration, Path
from govsim.records import (
    ACTIVITIES,
    ACTIVITY_COLUMNS,
    CASE_COLUMNS,
    CASES,
    DUTY,
    INSTANTS,
    KINDS,
    PARTS,
    Records,
    activities_frame,
    cases_frame,
    duty_frame,
)
from organisations import choices, misdirected


def run(configuration: Configuration) -> tuple[Records, Model]:
    model = compile_model(configuration)
    return simulate(model, 3, 0, engine="reference"), model


@pytest.fixture(scope="module")
def chosen() -> tuple[Records, Model]:
    return run(choices())


def test_every_column_is_declared_once_with_its_meaning() -> None:
    for columns, dtype in ((CASE_COLUMNS, CASES), (ACTIVITY_COLUMNS, ACTIVITIES)):
        assert [name for name, *_ in columns] == list(dtype.names or ())
        assert all(meaning for *_, meaning in columns)
    assert [name for name in CASES.names or () if name.startswith("part_")] == [
        f"part_{part}" for part in PARTS
    ]
    assert set(INSTANTS) <= {*(CASES.names or ()), *(ACTIVITIES.names or ())}


def test_a_case_is_named_dated_and_keeps_its_minutes(chosen: tuple[Records, Model]) -> None:
    records, model = chosen
    frame = cases_frame(records, model)
    assert len(frame) == len(records.cases)
    assert set(frame["service"]) == set(model.names.services)
    passed = (frame["filed"] - pd.Timestamp(model.start)).dt.total_seconds() / 60
    np.testing.assert_allclose(passed, records.cases["filed"], atol=1e-4)
    done = frame[frame["outcome"] == "completed"]
    parts = done[[f"part_{part}" for part in PARTS]].sum(axis=1)
    np.testing.assert_allclose(
        (done["ended"] - done["filed"]).dt.total_seconds() / 60, parts, atol=1e-4
    )
    assert frame.attrs["part_queue"].endswith("(min)")


def test_records_print_one_line_and_become_frames(chosen: tuple[Records, Model]) -> None:
    records, model = chosen
    assert repr(records) == (
        f"<Records: {len(records.cases)} cases, {len(records.activities)} activities, ended at "
        f"minute {records.end:g}>"
    )
    assert records.to_frame(model).equals(cases_frame(records, model))
    assert records.to_frame(model, "activities").equals(activities_frame(records, model))
    assert records.to_frame(model, "duty").equals(duty_frame(records, model))


def test_an_attribute_is_a_column_of_its_values(chosen: tuple[Records, Model]) -> None:
    records, model = chosen
    names = model.names
    frame = cases_frame(records, model)
    seen = 0
    for k, attribute in enumerate(names.attributes[0]):
        for case in range(len(records.cases)):
            if records.cases["service"][case] == 0:
                assert frame[attribute][case] == names.values[0][k][records.attributes[case, k]]
                seen += 1
    assert seen > 0


def test_a_service_without_the_attribute_has_an_empty_cell() -> None:
    model = compile_model(two_services())
    cases = np.zeros(3, CASES)
    cases["service"] = 0, 1, 1
    attributes = np.array([[-1], [0], [1]], dtype=np.int32)
    records = Records(cases, attributes, np.zeros(0, ACTIVITIES), np.zeros(0, DUTY), 0.0)
    assert [*cases_frame(records, model)["attribute_outcome"].astype(object).fillna("none")] == [
        "none",
        "good",
        "bad",
    ]


def two_services() -> Configuration:
    """Two services; the second has an attribute that is called like a column of cases."""
    configuration = choices()
    attribute = Attribute(
        "outcome", (AttributeValue("good", Path(0.5)), AttributeValue("bad", Path(0.5)))
    )

    def changed(k: int) -> object:
        regime = configuration.regimes[k]
        service = next(iter(regime.services.values()))
        plain = replace(service, attributes=(), route=())
        return replace(
            regime, services={"first": plain, "second": replace(plain, attributes=(attribute,))}
        )

    rate = next(iter(configuration.largest_rate.values()))
    return replace(
        configuration,
        regimes=(changed(0), changed(1)),
        largest_rate={"first": rate, "second": rate},
    )  # type: ignore[arg-type]


def test_activities_are_named_and_point_to_their_case() -> None:
    records, model = run(misdirected())
    frame = activities_frame(records, model)
    assert set(frame["kind"]) <= set(KINDS)
    assert (frame["variant"] == "misdirected").any()
    assert (frame["joined"] >= cases_frame(records, model)["filed"].to_numpy()[frame["case"]]).all()
    task = frame[frame["kind"] == "task"]
    assert set(task["step"]) <= set(model.names.steps)
    assert task["desk"].notna().all()
    assert task["member"][task["started"].notna()].notna().all()


def test_an_instant_that_never_came_has_no_date(chosen: tuple[Records, Model]) -> None:
    records, model = chosen
    cases = records.cases.copy()
    cases["ended"][0] = np.nan
    cases["promise_out"][0] = np.inf
    cases["limit_out"][0] = cases["filed"][0]
    frame = cases_frame(records._replace(cases=cases), model)
    assert frame[["ended", "promise_out"]].isna().loc[0].all()
    assert frame["limit_out"][0] == frame["filed"][0]


def test_duty_names_the_member_the_group_and_the_week(chosen: tuple[Records, Model]) -> None:
    records, model = chosen
    frame = duty_frame(records, model)
    assert [*frame.columns] == ["member", "group", "week", "first_day", "minutes", "counted"]
    assert all(
        str(member).startswith(str(group))
        for member, group in zip(frame["member"], frame["group"], strict=True)
    )
    assert (
        frame["first_day"]
        == pd.Timestamp(model.start) + pd.to_timedelta(7 * frame["week"], unit="D")
    ).all()
