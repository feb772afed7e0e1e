"""The public names: what they promise to somebody at a notebook."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest

import govsim as gs
import toy

HEAVY = {
    "numpy",
    "pandas",
    "scipy",
    "numba",
    "simpy",
    "matplotlib",
    "pydantic",
    "ruamel",
    "click",
    "tqdm",
    "sqlite3",
}


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> gs.Runs:
    folder = tmp_path_factory.mktemp("runs")
    return gs.run(
        gs.load(toy.write(folder)),
        engine="reference",
        keep="activities",
        out=folder,
        progress=False,
    )


@pytest.fixture(autouse=True)
def _no_window() -> Iterator[None]:
    matplotlib.use("Agg")
    yield
    plt.close("all")


def loaded_by(code: str) -> set[str]:
    program = f"import sys\n{code}\nprint(*sys.modules)"
    return set(
        subprocess.run(
            [sys.executable, "-c", program], capture_output=True, check=True, text=True
        ).stdout.split()
    )


def test_importing_govsim_loads_nothing_heavy() -> None:
    assert not loaded_by("import govsim") & HEAVY


@pytest.mark.slow
def test_reading_a_run_back_loads_neither_engine(runs: gs.Runs) -> None:
    loaded = loaded_by(f"import govsim as gs\nstr(gs.open({str(runs.folder)!r}).summary())")
    assert not loaded & {"numba", "simpy", "pandas", "matplotlib", "pydantic"}


def test_loading_a_scenario_loads_no_numbers(tmp_path: Path) -> None:
    path = toy.write(tmp_path)
    loaded = loaded_by(f"import govsim as gs\ngs.configure(gs.load({str(path)!r}), 'after')")
    assert not loaded & {"numpy", "numba", "simpy", "pandas"}


def test_every_public_name_is_there_and_every_other_is_refused_with_a_hint() -> None:
    assert sorted(gs.__all__) == sorted(gs._WHERE)
    for name in gs.__all__:
        assert getattr(gs, name).__doc__
        assert name in dir(gs)
    assert gs.__version__
    with pytest.raises(AttributeError, match=r"no attribute 'simulat'; it has .*simulate"):
        gs.simulat  # noqa: B018


def test_a_run_names_itself_on_one_line(runs: gs.Runs) -> None:
    said = repr(runs)
    assert said == (
        f"<Runs {runs.settings.id}: before, process_only, merger_only, after x 6, seed 11, engine "
        f"reference, {runs.folder}>"
    )


def test_a_run_shows_itself_as_a_table_with_its_settings(runs: gs.Runs) -> None:
    page = runs._repr_html_()
    assert page.startswith("<table><caption>run toy-")
    assert "seed 11" in page
    assert "before, process_only, merger_only, after x 6" in page
    assert "change (95 % interval)" in page
    assert page.count("<tr>") == 1 + 2 * 3 + 1 + 4
    for end in ("how everybody stood after", "granted", "refused", "no answer yet", "gave up"):
        assert end in page


def test_names_of_the_scenario_are_escaped(runs: gs.Runs) -> None:
    page = runs.summary(lang="en")._repr_html_()
    assert "<b>Slow" not in page
    assert "&lt;b&gt;Slow" in page
    assert "慢件" in str(runs.summary(lang="zh"))


def test_measures_are_tidy(runs: gs.Runs) -> None:
    frame = runs.measures()
    assert list(frame.columns) == [
        "configuration",
        "replication",
        "measure",
        "statistic",
        "unit",
        "scope",
        "cohort",
        "value",
    ]
    assert not frame["value"].isna().any()
    keys = ["configuration", "replication", "measure", "statistic", "scope", "cohort"]
    assert not frame.duplicated(keys).any()
    units = (
        frame.groupby(["measure", "statistic"], observed=True)["unit"].unique().map(list).to_dict()
    )
    assert units["legal_clock", "count"] == units["within_promise", "count"] == ["cases"]
    assert units["window_wait_per_task", "count"] == ["tasks"]
    assert units["stayed", "count"] == units["open", "count"] == ["cases"]
    assert units["open", "share"] == units["gave_up_in_time", "share"] == ["share"]
    assert units["visits", "share_at_most_1"] == units["late", "share"] == ["share"]
    assert units["visits", "mean"] == ["visits"]
    assert units["throughput", "mean"] == ["cases per month"]
    ours = frame.query(
        "measure == 'cycle_time_working' and statistic == 'mean' and scope == 'mix' and cohort == "
        "'counted'"
    )
    wide = ours.pivot(index="replication", columns="configuration", values="value")
    line = runs.summary().lines[0]
    assert line.change is not None
    assert line.change.value == pytest.approx((wide["after"] - wide["before"]).mean())
    assert line.levels[0].value == pytest.approx(wide["before"].mean())


def test_cases_and_activities_are_tidy_and_belong_together(runs: gs.Runs) -> None:
    cases, activities = runs.cases("after"), runs.activities("after")
    assert set(cases["configuration"]) == {"after"}
    assert set(cases["replication"]) == set(range(6))
    assert set(cases["service"].cat.categories) == {"quick", "slow", "archive"}
    assert set(cases.loc[cases["service"] == "slow", "channel"]) == {"online", "counter"}
    assert cases.loc[cases["service"] == "quick", "channel"].isna().all()
    keys = ["configuration", "replication", "case"]
    assert not cases.duplicated(keys).any()
    joined = activities.merge(cases[[*keys, "filed"]], on=keys, how="left")
    assert (joined["joined"] >= joined["filed"]).all()
    assert len(runs.cases()) == sum(len(runs.cases(name)) for name in runs.configurations)


def test_cases_are_what_simulate_gives(runs: gs.Runs) -> None:
    model = gs.compile_model(gs.configure(gs.load(runs.settings.scenario), "after"))
    records = gs.simulate(model, 11, 3, "reference")
    cases = runs.cases("after").query("replication == 3")
    assert np.array_equal(cases["part_queue"], records.cases["part_queue"], equal_nan=True)
    assert np.array_equal(cases["n"], records.cases["n"])


def test_matched_applicants_are_counted_once(runs: gs.Runs) -> None:
    frame = runs.matched()
    assert set(zip(frame["first"], frame["second"], strict=True)) == {
        ("before", "process_only"),
        ("before", "merger_only"),
        ("before", "after"),
        ("process_only", "after"),
    }
    cases = runs.cases()
    counted = cases[
        (cases["filed"] >= "2024-01-15")
        & (cases["filed"] < "2024-02-12")
        & (cases["outcome"] == "completed")
    ]
    counted = counted[counted["service"] == "quick"].set_index(
        ["configuration", "replication", "n"]
    )
    took = (counted["ended"] - counted["filed"]).dt.total_seconds()
    change = (took.loc["after"] - took.loc["before"]).dropna()
    ours = frame[
        (frame["first"] == "before") & (frame["second"] == "after") & (frame["cohort"] == "counted")
    ]
    ours = ours[ours["service"] == "quick"]
    assert ours[["faster", "equal", "slower"]].to_numpy().sum() == len(change)
    # dates are rounded to a millisecond
    assert ours["slower"].sum() == pytest.approx((change > 0.002).sum(), abs=3)


def test_utilisation_and_backlog_are_sensible(runs: gs.Runs) -> None:
    used = runs.utilisation()
    assert used["value"].between(0, 1.001).all()
    assert set(used["group"]) == {"quick_clerk", "slow_clerk", "reviewer"}
    assert (runs.backlog()["value"] >= 0).all()


def test_a_cohort_has_a_table_of_its_own(runs: gs.Runs) -> None:
    assert "(early)" in str(runs.summary("early"))
    assert runs.summary("early").lines != runs.summary().lines
    with pytest.raises(KeyError, match="no cohort 'erly'; did you mean 'early'"):
        runs.summary("erly")


def test_the_table_converts_to_a_frame(runs: gs.Runs) -> None:
    frame = runs.to_frame()
    assert len(frame) == 2 * 3 * 7
    assert set(frame["service"]) == {"mix", "quick", "slow"}


def test_the_picture_shows_before_and_after(runs: gs.Runs) -> None:
    ax = runs.plot()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["before", "after"]
    assert "working days" in ax.get_xlabel()
    _, own = plt.subplots()
    assert runs.plot(own, scope="slow", configurations=["before", "process_only"]) is own
    with pytest.raises(gs.StoreError, match="no configuration 'aftr'"):
        runs.plot(configurations=["aftr"])


def test_a_configuration_that_was_not_run_is_named(runs: gs.Runs) -> None:
    with pytest.raises(
        gs.StoreError,
        match="no configuration 'stressed' in this run; there are before, process_only",
    ):
        runs.cases("stressed")


def test_one_configuration_and_one_replication_are_a_run_too(tmp_path: Path) -> None:
    scenario = gs.load(toy.write(tmp_path))
    alone = gs.run(scenario, 1, ["before"], engine="reference", progress=False)
    text = str(alone.summary())
    assert "nan" not in text.lower()
    assert "change" not in text.splitlines()[2]
    pair = gs.run(scenario, 1, ["before", "after"], engine="reference", progress=False)
    assert "needs 2 replications" in str(pair.summary())
    assert "nan" not in str(pair.summary()).lower()


def test_where_nothing_changes_the_answer_is_exact(tmp_path: Path) -> None:
    text = (
        toy.TOY[: toy.TOY.index("  pool:")].removesuffix("reform:\n")
        + toy.TOY[toy.TOY.index("experiment:") :]
    )
    runs = gs.run(
        gs.load(toy.write(tmp_path, text)),
        3,
        ["before", "after"],
        engine="reference",
        progress=False,
    )
    for line in runs.summary().lines:
        assert line.change is not None
        assert (line.change.value, line.change.note) == (0.0, "exact")
    said = str(runs.summary())
    assert "0.00 exact" in said
    assert "0.0 % slower, 100.0 % equal, 0.0 % faster" in said


def test_everything_that_is_not_a_bug_has_one_base(tmp_path: Path) -> None:
    scenario = gs.load(toy.write(tmp_path))
    broken = tmp_path / "broken.yaml"
    broken.write_text("govsim: 1\n", encoding="utf-8")
    mistakes = [
        lambda: gs.load(broken),
        lambda: gs.load(tmp_path / "absent.yaml"),
        lambda: gs.run("scenarios/kelan.yaml"),  # type: ignore[arg-type]
        lambda: gs.run(scenario, n=0),
        lambda: gs.run(scenario, configurations=("beforehand",)),
        lambda: gs.resume(tmp_path),
        lambda: gs.configure(scenario, "beforehand"),
        lambda: gs.configure(scenario, world={"nothing": 1.0}),
        lambda: gs.simulate(gs.compile_model(gs.configure(scenario)), seed=-1, replication=0),
        lambda: gs.attribute("runs/kelan"),  # type: ignore[arg-type]
        lambda: gs.claims("runs/kelan"),  # type: ignore[arg-type]
        lambda: gs.compare(scenario, "after"),  # type: ignore[arg-type]
        lambda: gs.report(None),  # type: ignore[arg-type]
        lambda: gs.configure("town.yaml"),
        lambda: gs.compile_model(scenario),  # type: ignore[arg-type]
        lambda: gs.load(3),  # type: ignore[arg-type]
        lambda: gs.resume(None),  # type: ignore[arg-type]
        lambda: gs.Runs.open(None),  # type: ignore[arg-type]
    ]
    for mistake in mistakes:
        with pytest.raises(gs.GovsimError) as told:
            mistake()
        assert told.value.exit_code == 2
        assert "Traceback" not in str(told.value)
        assert len(str(told.value)) > 20


def test_python_lists_the_public_names_and_nothing_else() -> None:
    import govsim.evidence

    assert govsim.evidence
    assert dir(gs) == sorted([*gs.__all__, "__version__"])
