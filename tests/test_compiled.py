"""The compiled engine against the contract: claims that hold whatever happens, and closed forms."""

from __future__ import annotations

import hashlib
import math
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from govsim.engine.calendars import Hours, member_hours, next_opening, on_duty, worked
from govsim.engine.compiled import run
from govsim.engine.compiled.memory import Buffers
from govsim.errors import TooManyInstants
from govsim.model import compile_model
from govsim.model.arrays import WINDOW, Arrays
from govsim.records import KINDS, OUTCOMES, PARTS, VARIANTS, Records
from organisations import ORGANISATIONS, single_desk
from theory import mmc_wait

SEED = 20240101
NAMES = sorted(ORGANISATIONS)
TASK, MEETING = KINDS.index("task"), KINDS.index("meeting")


@cache
def arrays(name: str) -> Arrays:
    return compile_model(ORGANISATIONS[name]()).arrays


@cache
def simulated(name: str) -> Records:
    return run(arrays(name), SEED, 0)


@cache
def hours(name: str) -> Hours:
    return member_hours(arrays(name), np.uint64(SEED), 0)


def digest(records: Records) -> str:
    parts = (
        records.cases,
        records.attributes,
        records.activities,
        records.duty,
        np.float64(records.end),
    )
    return hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest()


def tasks(records: Records):
    """Performances of tasks that began."""
    a = records.activities
    return a[(a["kind"] == TASK) & ~np.isnan(a["started"])]


# -------------------------------------------------------------------------------- what always holds


@pytest.mark.parametrize("name", NAMES)
def test_the_parts_of_a_case_add_up_to_the_last_bit(name):
    cases = simulated(name).cases
    ended = cases[cases["outcome"] > 0]
    assert len(ended) > 50
    assert np.array_equal(
        sum(ended[f"part_{part}"] for part in PARTS), ended["ended"] - ended["filed"]
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_case_filed_has_ended_or_is_open(name):
    records = simulated(name)
    cases, a = records.cases, arrays(name)
    is_open = cases["outcome"] == OUTCOMES.index("open")
    assert np.array_equal(np.isnan(cases["ended"]), is_open)
    assert np.array_equal(np.isnan(cases["part_service"]), is_open)
    assert np.all(np.diff(cases["filed"]) >= 0)
    assert cases["filed"].max() <= records.end
    assert np.nanmax(cases["ended"]) <= records.end
    counted = (cases["filed"] >= a.count_from) & (cases["filed"] < a.count_until)
    if records.end < a.horizon:
        assert not is_open[counted].any()
        assert records.end == max(a.count_until, cases["ended"][counted].max())


@pytest.mark.parametrize("name", NAMES)
def test_the_log_is_sorted_and_in_order_of_time(name):
    log = simulated(name).activities
    key = np.stack([log["case"], log["position"], log["attempt"], log["kind"]])
    assert [tuple(k) for k in key.T] == sorted({tuple(k) for k in key.T})
    for earlier, later in (("joined", "started"), ("started", "ended"), ("joined", "ended")):
        assert not (log[earlier] > log[later]).any()
    assert not (log["ended"] > simulated(name).end).any()


@pytest.mark.parametrize("name", NAMES)
def test_a_member_never_works_on_two_cases(name):
    work = np.sort(tasks(simulated(name)), order=["member", "started", "ended"])
    same = work["member"][1:] == work["member"][:-1]
    assert np.all(work["started"][1:][same] >= work["ended"][:-1][same])


@pytest.mark.parametrize("name", NAMES)
def test_nobody_works_off_duty_but_a_window_finishes_what_it_has_begun(name):
    a, h = arrays(name), hours(name)
    for task in tasks(simulated(name)):
        member, started, ended = task["member"], task["started"], task["ended"]
        assert on_duty(h, member, started)
        if a.desks.kind[task["desk"]] != WINDOW and ended > started:
            assert worked(h, member, started, ended) > worked(
                h, member, started, np.nextafter(ended, 0.0)
            )


@pytest.mark.parametrize("name", NAMES)
def test_nobody_overtakes_at_a_first_come_first_served_desk(name):
    a, log = arrays(name), tasks(simulated(name))
    for desk in np.flatnonzero((a.desks.discipline == 0).all(axis=0)):
        queue = np.sort(log[log["desk"] == desk], order=["joined", "case", "position"])
        assert np.all(np.diff(queue["started"]) >= 0)


@pytest.mark.parametrize("name", NAMES)
def test_the_order_in_which_changes_of_one_instant_are_applied_does_not_matter(name):
    assert digest(run(arrays(name), SEED, 0, reverse=True)) == digest(simulated(name))


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["shared_member", "single_desk", "reviewed", "absences", "learning"]
)
def test_nobody_waits_while_somebody_who_may_serve_is_idle(name):
    a, records, h = arrays(name), simulated(name), hours(name)
    log = tasks(records)
    for task in log[log["started"] > log["joined"]]:
        t, until = task["joined"], task["started"]
        regime = int(t >= a.reform)
        if regime != int(until >= a.reform):
            continue
        for member in np.flatnonzero(a.staff.efficiency[regime, :, task["desk"]]):
            busy = log[(log["member"] == member) & (log["started"] < until) & ~(log["ended"] <= t)]
            ends = np.minimum(np.nan_to_num(busy["ended"], nan=np.inf), until)
            on_cases = sum(
                worked(h, member, max(t, s), e) for s, e in zip(busy["started"], ends, strict=True)
            )
            assert on_cases == worked(h, member, t, until)


def test_among_equals_the_member_who_has_been_idle_longest_starts():
    log = np.sort(
        tasks(run(compile_model(single_desk(members=3)).arrays, SEED, 0)), order="started"
    )
    since, busy = np.zeros(3), np.zeros(3)
    for task in log[: np.searchsorted(log["started"], 20000.0)]:
        free = [m for m in range(3) if busy[m] <= task["started"]]
        since[free] = busy[free]
        assert task["member"] == min(free, key=lambda m: (since[m], m))
        busy[task["member"]] = task["ended"]


def test_the_urgent_class_goes_first_at_a_priority_desk():
    name = "disciplines"
    a, records = arrays(name), simulated(name)
    log = tasks(records)
    log = log[log["desk"] == 0]
    rank = a.services.priority[0, records.cases["service"][log["case"]]]
    for task, own in zip(log, rank, strict=True):
        waiting = (log["joined"] < task["started"]) & (log["started"] > task["started"])
        assert not (rank[waiting] < own).any()


def test_the_shortest_expected_effort_goes_first():
    name = "disciplines"
    a, records = arrays(name), simulated(name)
    log = tasks(records)
    log = log[log["desk"] == 2]
    by_name = dict(zip(a.steps.name, a.steps.expected, strict=True))
    expected = np.array([by_name[step] for step in log["step"]])
    for task, own in zip(log, expected, strict=True):
        waiting = (log["joined"] < task["started"]) & (log["started"] > task["started"])
        assert not (expected[waiting] < own).any()


def test_a_session_gives_no_more_than_its_seats_and_the_longest_waiting_first():
    a, log = arrays("meetings"), simulated("meetings").activities
    log = log[log["kind"] == MEETING]
    seen = 0
    for meeting in range(len(a.meetings.first) - 1):
        sessions = slice(a.meetings.first[meeting], a.meetings.first[meeting + 1])
        steps = a.steps.name[a.steps.meeting == meeting]
        ours = np.sort(log[np.isin(log["step"], steps)], order=["joined", "case"])
        held = ours["started"][~np.isnan(ours["started"])]
        assert np.all(np.diff(held) >= 0)
        instants, taken = np.unique(held, return_counts=True)
        place = np.searchsorted(a.meetings.session[sessions], instants)
        assert np.array_equal(a.meetings.session[sessions][place], instants)
        assert np.all(taken <= a.meetings.seats[sessions][place])
        seen += len(held)
    assert seen > 50


def test_who_gives_up_has_not_been_served():
    records = simulated("impatient")
    a, cases = records.activities, records.cases
    gone = a["variant"] == VARIANTS.index("withdrawn")
    assert gone.sum() > 100
    assert np.isnan(a["started"][gone]).all()
    assert (a["member"][gone] == -1).all()
    assert np.array_equal(
        np.sort(a["case"][gone]), np.flatnonzero(cases["outcome"] == OUTCOMES.index("withdrawn"))
    )
    assert (cases["part_service"][a["case"][gone]] == 0.0).all()


def test_the_legal_clock_stands_still_while_any_branch_stops_it():
    a, records = arrays("delays"), simulated("delays")
    steps = set(a.steps.name[a.steps.stops_clock == 1])
    calendar = a.services.calendar[0, 0]
    checked = 0
    for case, line in enumerate(records.cases):
        if np.isnan(line["legal_clock"]):
            continue
        start, log = next_opening(a.calendars, calendar, line["accepted"]), records.activities
        spans = sorted(
            (r["joined"], r["ended"]) for r in log[log["case"] == case] if r["step"] in steps
        )
        stopped, reached = 0.0, start
        for begin, end in spans:
            stopped += worked(a.calendars, calendar, max(begin, reached), min(end, line["decided"]))
            reached = max(reached, end)
        assert (
            line["legal_clock"] == worked(a.calendars, calendar, start, line["decided"]) - stopped
        )
        checked += 1
    assert checked > 50


def test_terms_run_out_where_the_clock_passes_them():
    """At that instant it shows just so much, at the next more; stops are read in the log."""
    a = arrays("delays")
    terms = np.full_like(a.services.promise, 20.0), np.full_like(a.services.limit, 420.0)
    a = a._replace(services=a.services._replace(promise=terms[0], limit=terms[1]))
    records, calendar = run(a, SEED, 0), a.services.calendar[0, 0]
    stops = records.activities[
        np.isin(records.activities["step"], a.steps.name[a.steps.stops_clock == 1])
    ]

    def shown(case: int, t: float) -> float:
        start = next_opening(a.calendars, calendar, records.cases["accepted"][case])
        minutes, reached = worked(a.calendars, calendar, start, t), start
        for stop in np.sort(stops[stops["case"] == case], order="joined"):
            end = np.nan_to_num(stop["ended"], nan=np.inf)
            minutes -= worked(a.calendars, calendar, max(stop["joined"], reached), min(end, t))
            reached = max(reached, end)
        return minutes

    seen = np.zeros((2, 2), dtype=int)  # decided, ran out
    for case, line in enumerate(records.cases):
        decided = not np.isnan(line["decided"])
        until = line["decided"] if decided else records.end
        for out, minutes in ((line["promise_out"], 20.0), (line["limit_out"], 420.0)):
            ran_out = shown(case, until) > minutes
            assert (out < until) == (out < math.inf) == ran_out
            if ran_out:
                assert shown(case, out) == minutes < shown(case, out + 2.0**-20)
            seen[int(decided), int(ran_out)] += 1
    assert (seen > 0).all(), seen


def test_a_block_lasts_until_its_last_branch_is_back():
    records = simulated("nested_blocks")
    log, names = records.activities, arrays("nested_blocks").steps
    single = names.name[names.op == 0][-1]  # the step after the block
    assert len(np.unique(log["step"])) > 5
    for case in range(100):
        ours = log[log["case"] == case]
        after = ours[ours["step"] == single]["joined"]
        assert after == ours[ours["step"] != single]["ended"].max()


# ------------------------------------------------------------------------------------- closed forms


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rate", "members"), [(0.03, 1), (0.05, 1), (0.08, 1), (0.1, 2), (0.16, 2), (0.4, 5)]
)
def test_the_mean_wait_is_that_of_the_theory(rate, members):
    model = compile_model(single_desk(rate, 10.0, members)).arrays
    means = []
    for replication in range(40):
        cases = run(model, SEED, replication).cases
        means.append(
            cases["part_queue"][
                (cases["filed"] >= 14 * 1440.0) & (cases["filed"] < model.count_until)
            ].mean()
        )
    error = np.std(means, ddof=1) / math.sqrt(len(means))
    assert abs(np.mean(means) - mmc_wait(rate, 10.0, members)) < 3 * error


# -------------------------------------------------------------------------------------- the machine


def test_two_results_held_do_not_change_each_other():
    first = run(arrays("reviewed"), SEED, 0)
    before = digest(first)
    second = run(arrays("reviewed"), SEED, 1)
    assert digest(first) == before != digest(second)


def test_a_reused_buffer_gives_the_same_bytes():
    buffers = Buffers()
    for name in [*NAMES, *reversed(NAMES)]:
        assert digest(run(arrays(name), SEED, 0, buffers=buffers)) == digest(simulated(name))


def test_results_stay_valid_beside_others_that_share_the_loops_memory():
    loop = Buffers()
    held = {name: run(arrays(name), SEED, 0, buffers=Buffers(loop)) for name in NAMES}
    for name, records in held.items():
        assert digest(records) == digest(simulated(name)), name


def test_the_hours_of_a_replication_are_the_same_handed_in_or_worked_out():
    a = arrays("calendars")
    hours = member_hours(a, np.uint64(SEED), 0)
    assert digest(run(a, SEED, 0, hours=hours)) == digest(simulated("calendars"))


def test_too_many_instants_are_refused():
    with pytest.raises(TooManyInstants, match="more than 100 distinct instants"):
        run(arrays("reviewed"), SEED, 0, max_instants=100)


SMALL = (
    "calendars",
    "meetings",
    "promised",
    "reviewed",
    "misdirected",
    "choices",
    "delays",
    "nested_blocks",
    "transfers",
)


def elsewhere(setting: str, names: tuple[str, ...], folder: Path) -> list[str]:
    """Digests of runs in another process, where an environment variable is 1."""
    program = (
        f"import test_compiled as t; print(*(t.digest(t.simulated(name)) for name in {names!r}))"
    )
    environment = {**os.environ, setting: "1", "NUMBA_CACHE_DIR": str(folder)}
    here = str(Path(__file__).parent)
    command = [
        sys.executable,
        "-W",
        "error",
        "-c",
        f"import sys; sys.path.insert(0, {here!r}); {program}",
    ]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, check=True
    ).stdout.split()


@pytest.mark.slow
def test_the_kernels_are_honest_python(tmp_path):
    assert elsewhere("NUMBA_DISABLE_JIT", SMALL, tmp_path) == [
        digest(simulated(name)) for name in SMALL
    ]


@pytest.mark.long
def test_no_kernel_reaches_beyond_an_array(tmp_path):
    assert elsewhere("NUMBA_BOUNDSCHECK", tuple(NAMES), tmp_path) == [
        digest(simulated(name)) for name in NAMES
    ]
