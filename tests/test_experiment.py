"""Runs: the same rows for any number of threads, any order and any interruption."""

from __future__ import annotations

import io
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest

from govsim import experiment, store
from govsim.experiment import Interrupted, Progress, replicate
from govsim.store import Settings, Store, StoreError, pack

SETTINGS = Settings("toy", "toy.yaml", "govsim: 1", "ab" * 32, "", 7, ("before", "after"), "compiled")


def toy(number: int) -> dict[str, bytes]:
    time.sleep(0.001 * (number % 3))
    return {"measures": pack({"before": np.random.default_rng(number).normal(size=3)})}


def done(
    folder: Path | None,
    numbers: list[int],
    workers: int = 2,
    task: Callable[[int], Mapping[str, bytes]] = toy,
    stream: io.StringIO | None = None,
) -> Store:
    rows = Store.create(SETTINGS, folder)
    try:
        replicate(rows, task, numbers, workers, Progress(len(numbers), 0, stream=stream or io.StringIO()), lambda _: "")
    finally:
        if folder is not None:
            rows.close()
    return rows


def test_content_is_the_same_for_any_number_of_threads_and_any_order() -> None:
    numbers = list(range(24))
    digests = {done(None, order, workers).digest() for workers in (1, 2, 4) for order in (numbers, numbers[::-1])}
    assert len(digests) == 1


def test_at_most_two_tasks_per_thread_are_in_flight() -> None:
    taken, ahead = 0, []

    class Watched(list[int]):
        def __iter__(self) -> Iterator[int]:
            nonlocal taken
            for number in list.__iter__(self):
                taken += 1
                yield number

    rows = Store.create(SETTINGS, None)
    numbers = Watched(range(40))
    replicate(rows, toy, numbers, 3, Progress(40, 0, quiet=True), lambda _: ahead.append(taken - len(rows.done())) or "")
    assert len(rows.done()) == 40
    assert 0 < max(ahead) <= 6


def test_an_interruption_keeps_what_was_done_and_says_how_to_go_on(tmp_path: Path) -> None:
    def task(number: int) -> dict[str, bytes]:
        if number == 9:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.2)
        return toy(number)

    with pytest.raises(Interrupted, match=r"stopped after \d+ of 30; nothing is lost. Continue with: govsim resume .*run"):
        done(tmp_path / "run", list(range(30)), task=task)
    rows = Store.open(tmp_path / "run")
    stored = rows.done()
    rows.close()
    assert 8 <= len(stored) <= 14
    done(tmp_path / "run", [number for number in range(30) if number not in stored])
    assert store.content_digest(tmp_path / "run") == done(None, list(range(30))).digest()


def test_an_error_in_one_replication_ends_the_run_and_leaves_the_rest(tmp_path: Path) -> None:
    def task(number: int) -> dict[str, bytes]:
        if number == 5:
            raise ArithmeticError("boom")
        return toy(number)

    with pytest.raises(ArithmeticError):
        done(tmp_path / "run", list(range(10)), workers=1, task=task)
    rows = Store.open(tmp_path / "run")
    assert rows.done()[:4] == [0, 1, 2, 3]
    rows.close()


def test_a_run_that_does_not_fit_on_the_disk_is_refused_before_it_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(experiment.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 1000}))
    with pytest.raises(StoreError, match=r"50 replications take about .* are free there; keep less"):
        done(tmp_path / "run", list(range(50)))


def test_a_long_run_says_what_it_will_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(experiment, "LONG", 0.001)
    said = io.StringIO()
    done(None, list(range(40)), task=lambda number: (time.sleep(0.002), toy(number))[1], stream=said)
    assert "MB for 40 replications on 2 threads" in said.getvalue().splitlines()[0]


def test_progress_without_a_terminal_is_a_line_for_every_tenth() -> None:
    said = io.StringIO()
    done(None, list(range(200)), stream=said)
    assert len(said.getvalue().splitlines()) == 10
    assert said.getvalue().splitlines()[0] == " 10%  20 of 200 replications"


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
    assert experiment._duration(seconds) == text


def test_no_thread_is_refused() -> None:
    with pytest.raises(ValueError, match="workers: 0; at least 1"):
        experiment._threads(0)
    assert experiment._threads(3) == 3
    assert experiment._threads(None) >= 1
