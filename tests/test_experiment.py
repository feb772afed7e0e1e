"""Runs: the same rows for any number of threads, any order and any interruption."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import govsim as gs
import toy
from govsim import store
from govsim.errors import Interrupted, RunError, StoreError
from govsim.evidence.runs import Runs
from govsim.experiment import replication
from govsim.experiment import run as running
from govsim.experiment.progress import Progress, duration, plain
from govsim.experiment.run import Done, replicate
from govsim.store import Settings, Store, pack

SETTINGS = Settings(
    "toy", "toy.yaml", "govsim: 1", "ab" * 32, "", 7, ("before", "after"), "compiled"
)


def made_up(number: int) -> Done:
    values = np.random.default_rng(number).normal(size=3)
    return Done({"measures": pack({"before": values})}, values[0])


def done(
    folder: Path | None,
    numbers: list[int],
    workers: int = 2,
    task: Callable[[int], Done] = made_up,
    stream: io.StringIO | None = None,
    progress: type[Progress] = Progress,
) -> Store:
    rows = Store.create(SETTINGS, folder)
    try:
        replicate(
            rows, task, numbers, workers, progress(len(numbers), 0, stream=stream or io.StringIO())
        )
    finally:
        if folder is not None:
            rows.close()
    return rows


def overtaken(order: list[int]) -> Callable[[int], Done]:
    """A task of which, after the first, of every two the second is done before the first."""
    over = {number: threading.Event() for number in order}
    second = dict(zip(order[1::2], order[2::2], strict=False))

    def task(number: int) -> Done:
        if number in second:
            over[second[number]].wait()
        over[number].set()
        return made_up(number)

    return task


def test_content_is_the_same_for_any_number_of_threads_and_any_order() -> None:
    numbers = list(range(24))
    digests = {
        done(None, order, workers, overtaken(order) if workers > 1 else made_up).digest()
        for workers in (1, 2, 4)
        for order in (numbers, numbers[::-1])
    }
    assert len(digests) == 1


def test_at_most_two_tasks_per_thread_are_in_flight() -> None:
    taken, ahead = 0, []

    class Watched(list[int]):
        def __iter__(self) -> Iterator[int]:
            nonlocal taken
            for number in list.__iter__(self):
                taken += 1
                yield number

    class Noted(Progress):
        def step(self, note: str = "") -> None:
            ahead.append(taken - len(rows.done()))

    rows = Store.create(SETTINGS, None)
    replicate(rows, made_up, Watched(range(40)), 3, Noted(40, 0, quiet=True))
    assert len(rows.done()) == 40
    assert 0 < max(ahead) <= 6


def test_an_interruption_keeps_what_was_done_and_says_how_to_go_on(tmp_path: Path) -> None:
    begun, pressed = list[int](), threading.Event()

    class Pressed(Progress):
        """Ctrl-C comes when ten are stored, before any other is done."""

        def step(self, note: str = "") -> None:
            super().step(note)
            if self.done == 10:
                pressed.set()
                raise KeyboardInterrupt

    def task(number: int) -> Done:
        begun.append(number)
        if number >= 10:
            pressed.wait()
        return made_up(number)

    with pytest.raises(
        Interrupted,
        match=r"stopped after \d+ of 30; nothing is lost. Continue with: govsim resume .*run",
    ):
        done(tmp_path / "run", list(range(30)), task=task, progress=Pressed)
    rows = Store.open(tmp_path / "run")
    stored = rows.done()
    rows.close()
    assert stored == sorted(begun)  # it waited for those under way
    assert 10 <= len(stored) <= 14
    done(tmp_path / "run", [number for number in range(30) if number not in stored])
    assert store.content_digest(tmp_path / "run") == done(None, list(range(30))).digest()


def test_an_error_in_one_replication_ends_the_run_and_leaves_the_rest(tmp_path: Path) -> None:
    def task(number: int) -> Done:
        if number == 5:
            raise ArithmeticError("boom")
        return made_up(number)

    with pytest.raises(ArithmeticError):
        done(tmp_path / "run", list(range(10)), workers=1, task=task)
    rows = Store.open(tmp_path / "run")
    assert rows.done()[:4] == [0, 1, 2, 3]
    rows.close()


def test_a_run_that_does_not_fit_on_the_disk_is_refused_before_it_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1000}))
    with pytest.raises(
        StoreError, match=r"50 replications take about .* are free there; keep less"
    ):
        done(tmp_path / "run", list(range(50)))


def test_a_long_run_says_what_it_will_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "LONG", 0.0)
    said = io.StringIO()
    done(None, list(range(40)), stream=said)
    assert "MB for 40 replications on 2 threads" in said.getvalue().splitlines()[0]


def test_progress_without_a_terminal_is_a_line_for_every_tenth() -> None:
    said = io.StringIO()
    done(None, list(range(200)), stream=said)
    assert len(said.getvalue().splitlines()) == 10
    assert (
        said.getvalue()
        .splitlines()[0]
        .startswith(" 10%  20 of 200 replications  mean cycle time ±0.")
    )


@pytest.mark.parametrize(
    ("half", "text"),
    [
        (123.4, "123"),
        (3.71, "3.7"),
        (0.1, "0.10"),
        (0.0123, "0.012"),
        (2.9e-5, "less than 0.001"),
        (0.0, "less than 0.001"),
    ],
)
def test_progress_is_told_in_plain_decimals(half: float, text: str) -> None:
    assert plain(half) == text


def test_one_thread_is_not_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "LARGE", 0)
    said = io.StringIO()
    done(None, [0, 1], workers=1, stream=said)
    assert "for 2 replications on 1 thread\n" in said.getvalue()


def test_a_bar_is_drawn_on_a_terminal() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    bar = Progress(4, 1, stream=screen)
    bar.say("hello")
    bar.step("±0.1")
    bar.close()
    assert "hello" in screen.getvalue()
    assert "2/4" in screen.getvalue()


@pytest.mark.parametrize(("seconds", "text"), [(12, "12 s"), (600, "10 min"), (9000, "2.5 h")])
def test_durations_are_told_in_fitting_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_no_thread_is_refused() -> None:
    with pytest.raises(RunError, match="workers: 0; at least 1"):
        running._threads(0)
    assert running._threads(3) == 3
    assert running._threads(None) >= 1


# ----------------------------------------------------------------------------- runs of a toy county


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> gs.Scenario:
    return gs.load(toy.write(tmp_path_factory.mktemp("county")))


@pytest.fixture(scope="module")
def whole(county: gs.Scenario) -> gs.Runs:
    """Everything kept, in memory, one thread."""
    return gs.run(county, engine="reference", keep="activities", workers=1, progress=False)


def content(runs: gs.Runs) -> str:
    return runs._store.digest()


@pytest.mark.parametrize("workers", [2, 4])
def test_a_run_is_the_same_on_any_number_of_threads_and_with_or_without_the_log(
    county: gs.Scenario, whole: gs.Runs, workers: int
) -> None:
    assert content(gs.run(county, engine="reference", workers=workers, progress=False)) == content(
        whole
    )


def test_both_engines_give_the_same_content_in_buffers_that_are_used_again(
    county: gs.Scenario, whole: gs.Runs
) -> None:
    compiled = gs.run(county, keep="activities", workers=2, progress=False)
    for table in store.KEEPS:
        assert compiled._store.digest(table) == whole._store.digest(table)


def test_a_run_extended_is_the_run_of_that_length(
    county: gs.Scenario, whole: gs.Runs, tmp_path: Path
) -> None:
    short = gs.run(county, 2, engine="reference", keep="activities", out=tmp_path, progress=False)
    assert short.folder is not None
    assert short.replications == 2
    longer = gs.resume(short.folder, 6, progress=False)
    assert longer.replications == 6
    assert store.content_digest(short.folder, *store.KEEPS) == whole._store.digest(*store.KEEPS)
    assert gs.resume(short.folder, progress=False).replications == 6


def test_a_run_that_is_there_is_not_done_again_and_that_is_said(
    county: gs.Scenario, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = gs.run(county, 2, engine="reference", out=tmp_path)
    assert "nothing was run" not in capsys.readouterr().err
    again = gs.run(county, 1, engine="reference", out=tmp_path)
    assert again.folder == first.folder
    assert again.replications == 2
    said = capsys.readouterr()
    assert "2 replications of it stored already; nothing was run\n" in said.err
    assert not said.out


def test_resuming_goes_on_to_what_was_asked_for(
    county: gs.Scenario, whole: gs.Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = Progress.step

    def stops(self: Progress, note: str = "") -> None:
        step(self, note)
        if self.done == 2:  # the first from a thread
            raise KeyboardInterrupt

    monkeypatch.setattr(Progress, "step", stops)
    with pytest.raises(Interrupted, match="of 6; nothing is lost"):
        gs.run(county, engine="reference", out=tmp_path, workers=2, progress=False)
    monkeypatch.undo()
    (folder,) = tmp_path.iterdir()
    assert 2 <= Runs.open(folder).replications < 6
    assert content(gs.resume(folder, progress=False)) == content(whole)


def test_another_seed_is_another_run_and_an_edited_scenario_is_refused(tmp_path: Path) -> None:
    path = toy.write(tmp_path)
    run = gs.run(gs.load(path), 1, engine="reference", out=tmp_path, progress=False)
    other = gs.run(gs.load(path), 1, engine="reference", out=tmp_path, seed=12, progress=False)
    assert run.folder != other.folder
    assert content(run) != content(other)
    toy.write(tmp_path, toy.TOY.replace("mean: 20 min", "mean: 21 min"))
    with pytest.raises(
        StoreError, match=r"toy\.yaml says something else than when this run was made"
    ):
        gs.resume(run.folder, 2, progress=False)
    toy.write(
        tmp_path,
        toy.TOY.replace("Quick matter", "A quick matter").replace("mean: 60 min}", "mean: 1 h}"),
    )
    assert gs.resume(run.folder, 2, progress=False).replications == 2


def test_a_run_can_be_resumed_where_its_scenario_file_is_gone(tmp_path: Path) -> None:
    path = toy.write(tmp_path)
    run = gs.run(gs.load(path), 1, engine="reference", out=tmp_path, progress=False)
    path.unlink()
    assert gs.resume(run.folder, 2, progress=False).replications == 2


def test_another_result_version_is_refused(
    county: gs.Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = gs.run(county, 1, engine="reference", out=tmp_path, progress=False)
    text = (run.folder / "run.json").read_text(encoding="utf-8")
    (run.folder / "run.json").write_text(
        text.replace(f'"results": {store.RESULTS}', '"results": 0'), encoding="utf-8"
    )
    with pytest.raises(
        StoreError, match=f"another result version: found 0, this govsim .* {store.RESULTS}; make"
    ):
        gs.resume(run.folder, 2, progress=False)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"n": 0}, "n: 0 replications; at least 1"),
        ({"engine": "turbo"}, "engine: 'turbo' is not one of compiled, reference"),
        ({"keep": "all"}, "keep: 'all' is not one of measures, cases, activities"),
        ({"seed": -1}, "seed: -1 is not in"),
        (
            {"configurations": ("before", "before")},
            "configurations: before, before; name each once",
        ),
        ({"configurations": ()}, "configurations: none; name each once, at least one"),
        ({"configurations": ("before", "aftr")}, "no configuration 'aftr'; did you mean 'after'"),
        ({"variant": "x"}, "no variant 'x'"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(
    county: gs.Scenario, tmp_path: Path, asked: dict[str, Any], says: str
) -> None:
    with pytest.raises(RunError, match=says):
        gs.run(county, **{"out": tmp_path, "progress": False, "engine": "reference", **asked})
    assert not list(tmp_path.iterdir())


def test_run_json_says_what_made_the_run(county: gs.Scenario, tmp_path: Path) -> None:
    run = gs.run(county, 1, engine="reference", out=tmp_path, progress=False)
    said = json.loads((run.folder / "run.json").read_text(encoding="utf-8"))
    assert said["id"] == run.folder.name
    assert said["text"] == toy.TOY
    assert said["scenario_hash"] == county.hash
    assert said["claims_hash"] == county.claims_hash
    assert (said["seed"], said["engine"], said["results"]) == (11, "reference", store.RESULTS)
    assert {"govsim", "numpy", "python"} <= said["versions"].keys()
    assert {"system", "cores"} <= said["machine"].keys()
    assert said["command"]
    assert "done" in (run.folder / "run.log").read_text(encoding="utf-8")


def test_every_replication_is_what_simulate_gives(county: gs.Scenario, whole: gs.Runs) -> None:
    model = gs.compile_model(gs.configure(county, "after"))
    for number, arrays in whole._store.read("activities"):
        records = gs.simulate(model, 11, number, "reference")
        assert arrays["after/activities"].tobytes() == records.activities.tobytes()


def test_the_mix_is_the_one_that_the_scenario_names(whole: gs.Runs) -> None:
    assert whole.index.mixes == ("mix", "pair")
    weights = dict(zip(whole.index.services, whole.index.weights_of("mix"), strict=True))
    assert weights["archive"] == 0.0
    assert weights["quick"] / weights["slow"] == pytest.approx(900 / 500)


CLAIM = """claims:
  sooner:
    quote: Less time
    holds_if: [{measure: applicant_time, travel: way, statistic: mean, change: decrease,
        at_least: 5 %}]

experiment:
"""


def test_the_way_to_the_office_is_what_a_claim_says(tmp_path: Path, whole: gs.Runs) -> None:
    text = toy.TOY.replace("experiment:\n", CLAIM).replace(
        "parameters:\n", "parameters:\n  way: {value: 100 min, source: assumption}\n"
    )
    far = gs.run(gs.load(toy.write(tmp_path, text)), 2, engine="reference", progress=False)
    place = whole.index.place("applicant_time", "mean")
    visits = whole.index.place("visits", "mean")
    for (_, ours), (_, theirs) in zip(far._store.read(), whole._store.read(), strict=False):
        longer = ours["before/values"][place] - theirs["before/values"][place]
        assert longer == pytest.approx((100 - replication.TRAVEL) * ours["before/values"][visits])


def test_a_working_day_has_minutes_where_it_is_as_long_for_all_services(
    tmp_path: Path, whole: gs.Runs
) -> None:
    assert whole.summary().day == 480.0
    short = '  short: {day: 4 h, week: {mon-fri: ["08:00-12:00"]}}\n'
    text = toy.TOY.replace("\ndepartments:", f"{short}\ndepartments:")
    slow = "zh: 慢件}\n    department: hall\n    calendar: "
    text = text.replace(f"{slow}office", f"{slow}short")
    runs = gs.run(gs.load(toy.write(tmp_path, text)), 1, engine="reference", progress=False)
    assert runs.summary().day is None


def test_a_set_of_services_may_not_be_called_like_a_service(tmp_path: Path) -> None:
    text = toy.TOY.replace("pair: [quick", "quick: [quick").replace("mix: pair", "mix: [quick]")
    with pytest.raises((RunError, gs.ScenarioError), match="quick"):
        gs.run(gs.load(toy.write(tmp_path, text)), 1, engine="reference", progress=False)
