"""What holds in every organisation, whatever its rules.

It is tried on the generated scenarios of the short profile.
"""

from __future__ import annotations

import functools
import json
import pathlib
import random
import tempfile
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
import pytest

import govsim as gs
from govsim.engine import calendars, compiled
from govsim.engine.compiled.memory import Buffers
from govsim.engine.filings import file_cases
from govsim.model import Model, compile_model
from govsim.model import arrays as code
from govsim.records import PARTS, VARIANTS, Records
from strategies import CALENDARS, EFFORTS
from test_engines_agree import same
from test_mutants import profile, written

SEED, REPLICATION = np.uint64(5), 1  # of the profile
Case = tuple[int, int]  # service, n: the same applicant in every configuration


def replications() -> Iterator[tuple[Model, Records]]:
    """Every scenario in both configurations, and what the compiled engine made of it."""
    return (pair for both in profile() for pair in both)


@functools.lru_cache(maxsize=1)
def loaded(text: str) -> gs.Scenario:
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "generated.yaml"
        path.write_text(text, encoding="utf-8")
        return gs.load(path)


def model_of(tree: dict[str, Any], which: Any = "before") -> Model:
    return compile_model(gs.configure(loaded(json.dumps(tree)), which))


def image(records: Records) -> list[bytes]:
    return [np.ascontiguousarray(table).tobytes() for table in records[:4]]


def counted(records: Records, model: Model) -> np.ndarray:
    filed = records.cases["filed"]
    return (model.arrays.count_from <= filed) & (filed < model.arrays.count_until)


# ------------------------------------------------------------------------------ where the time goes


@pytest.mark.slow
def test_the_eight_parts_add_up_to_the_minute_and_below() -> None:
    cases = 0
    for _, records in replications():
        ended = records.cases[records.cases["outcome"] > 0]
        total = sum((ended[f"part_{part}"] for part in PARTS), np.zeros(len(ended)))
        assert (total == ended["ended"] - ended["filed"]).all()
        assert all((ended[f"part_{part}"] >= 0.0).all() for part in PARTS)
        cases += len(ended)
    assert cases > 10_000


@pytest.mark.slow
def test_every_case_that_was_filed_has_ended_or_is_open() -> None:
    some_open = 0
    for model, records in replications():
        cases, end, horizon = records.cases, records.end, model.arrays.horizon
        filings = file_cases(model.arrays, SEED, REPLICATION)
        there = filings.filed <= end if end < horizon else filings.filed < horizon
        assert all(
            np.array_equal(cases[name], getattr(filings, name)[there])
            for name in ("service", "n", "filed")
        )
        ended = ~np.isnan(cases["ended"])
        assert np.array_equal(ended, cases["outcome"] > 0)
        assert (cases["ended"][ended] <= end).all()
        assert end == horizon or ended[counted(records, model)].all()
        still = records.activities[ended[records.activities["case"]]]
        assert not np.isnan(still["ended"]).any()  # nobody works on what is over
        some_open += int((~ended).sum())
    assert some_open > 100


# ---------------------------------------------------------------------------------- the legal clock


@pytest.mark.slow
def test_a_promise_ran_out_exactly_where_more_than_promised_was_on_the_clock() -> None:
    late, in_time, others = 0, 0, 0
    for model, records in replications():
        cases, services = records.cases, model.arrays.services
        terms = (cases["filed"] >= model.arrays.reform).astype(int), cases["service"]
        until = np.where(np.isnan(cases["decided"]), cases["ended"], cases["decided"])
        until = np.where(np.isnan(until), records.end, until)
        for shown, out, minutes in (
            (cases["promise_clock"], cases["promise_out"], services.promise[terms]),
            (cases["legal_clock"], cases["limit_out"], services.limit[terms]),
        ):
            assert np.array_equal(np.isnan(out), minutes < 0)
            ran_out = np.isfinite(out)
            assert (cases["filed"][ran_out] < out[ran_out]).all()
            assert (out[ran_out] < until[ran_out]).all()
            decided = (minutes >= 0) & ~np.isnan(shown)
            assert np.array_equal(ran_out[decided], shown[decided] > minutes[decided])
            late += int(ran_out[decided].sum())
            in_time += int((~ran_out[decided]).sum())
            others += int((ran_out & ~decided).sum())
    assert min(late, in_time, others) > 100


# -------------------------------------------------------------------------------- members and desks


def worked_on(records: Records) -> np.ndarray:
    """Activities that a member has begun, by member and in the order of time."""
    rows = records.activities[records.activities["member"] >= 0]
    rows = rows[~np.isnan(rows["started"])]
    return rows[
        np.lexsort((np.nan_to_num(rows["ended"], nan=np.inf), rows["started"], rows["member"]))
    ]


@pytest.mark.slow
def test_a_member_never_works_on_two_cases_at_once() -> None:
    pairs = 0
    for _, records in replications():
        rows = worked_on(records)
        one, other = rows[:-1], rows[1:]
        alike = one["member"] == other["member"]
        assert (other["started"][alike] >= np.nan_to_num(one["ended"][alike], nan=np.inf)).all()
        pairs += int(alike.sum())
    assert pairs > 10_000


@pytest.mark.slow
def test_nobody_begins_work_off_duty_and_only_windows_finish_it_there() -> None:
    over, leavers = 0, 0
    for model, records in replications():
        arrays = model.arrays
        hours = calendars.member_hours(arrays, SEED, REPLICATION)
        for row in worked_on(records):
            member, start, end = int(row["member"]), float(row["started"]), float(row["ended"])
            own = slice(hours.first[member], hours.first[member + 1])
            opens, closes = hours.opens[own], hours.closes[own]
            assert ((opens <= start) & (start < closes)).any()
            assert arrays.staff.takes[int(start >= arrays.reform), member] == 1
            assert arrays.staff.efficiency[int(start >= arrays.reform), member, row["desk"]] > 0
            there = np.isnan(end) or start == end or ((opens < end) & (end <= closes)).any()
            assert there or arrays.desks.kind[row["desk"]] == code.WINDOW
            over += not there
            leavers += start < arrays.reform < end and arrays.staff.takes[1, member] == 0
    assert over > 100
    assert leavers > 0


@pytest.mark.slow
def test_nobody_is_overtaken_at_a_fifo_desk() -> None:
    queues = 0
    for model, records in replications():
        fifo = (model.arrays.desks.discipline == code.FIFO).all(axis=0)
        rows = records.activities[records.activities["desk"] >= 0]
        rows = rows[rows["variant"] != VARIANTS.index("withdrawn")]
        for desk in np.flatnonzero(fifo):
            here = np.sort(rows[rows["desk"] == desk], order="joined")
            started = np.nan_to_num(here["started"], nan=np.inf)
            if len(here) < 2:
                continue
            earlier = np.searchsorted(here["joined"], here["joined"])  # how many joined before
            latest = np.concatenate([[0.0], np.maximum.accumulate(started)])[earlier]
            assert (latest <= started).all()
            queues += int((started[1:] > here["joined"][1:]).sum())
    assert queues > 5_000


def lonely_desk(chance: random.Random, members: int) -> dict[str, Any]:
    """One desk (not a window), one service and one group, who are all alike and never absent."""
    demand = chance.choice(
        [{"per_year": 4000}, {"every": "90 min", "first": "9 h"}, {"every": "6 h", "batch": 4}]
    )
    kind, efficiency = chance.choice(["review", "signature", "internal"]), chance.choice([1.0, 0.5])
    group = {
        "department": "a",
        "calendar": chance.choice(list(CALENDARS)),
        "members": members,
        "serves": {"desk": efficiency},
    }
    task = {"task": "work", "desk": "desk", "effort": chance.choice(EFFORTS)}
    service = {
        "department": "a",
        "calendar": "office",
        "demand": demand | {"calendar": chance.choice(["office", "always"])},
        "route": [task],
    }
    days = {
        "start": "2024-01-01",
        "reform_day": "2024-01-02",
        "count_from": "2024-01-02",
        "count_until": "2024-01-10",
    }
    return {
        "govsim": 1,
        "title": "One desk",
        **days,
        "horizon": "2024-01-31",
        "calendars": CALENDARS,
        "departments": {"a": {}},
        "desks": {"desk": {"department": "a", "kind": kind}},
        "staff": {"clerks": group},
        "services": {"matter": service},
    }


def test_one_more_member_at_a_lonely_desk_lengthens_nobodys_wait() -> None:
    shorter = 0
    for k in range(60):
        waits = []
        for more in (0, 1):
            chance = random.Random(k)
            model = model_of(lonely_desk(chance, chance.randint(1, 3) + more))
            records = gs.simulate(model, 5, k)
            case = records.activities["case"]
            assert np.array_equal(case, np.arange(len(case)))
            wait = np.nan_to_num(
                records.activities["started"] - records.activities["joined"], nan=np.inf
            )
            waits.append(wait[counted(records, model)])
        assert (waits[1] <= waits[0]).all()
        shorter += bool((waits[1] < waits[0]).any())
    assert shorter > 20


# --------------------------------------------------------------------------------- names and levers


def renamed(tree: dict[str, Any]) -> dict[str, Any]:
    """The same scenario in other words."""
    named = {
        section: {key: it | {"name": f"{key} 又名"} for key, it in tree[section].items()}
        for section in ("departments", "desks", "staff", "services")
    }
    levers = {key: lever | {"about": f"Why {key}?"} for key, lever in tree["reform"].items()}
    claim = {"quote": "«更快»", "about": "It will be faster", "outside_the_model": True}
    words = {"title": "Another title", "purpose": "Another purpose", "claims": {"faster": claim}}
    return tree | named | {"reform": levers} | words


@pytest.mark.slow
def test_display_names_do_not_matter() -> None:
    for text, both in zip(written()[:40], profile(), strict=False):
        for which, (_, records) in zip(("before", "after"), both, strict=True):
            other = model_of(renamed(json.loads(text)), which)
            assert same(compiled.run(other.arrays, int(SEED), REPLICATION), records)


def applicants(records: Records) -> dict[Case, int]:
    return {(int(case["service"]), int(case["n"])): k for k, case in enumerate(records.cases)}


def effort_draws(model: Model, records: Records) -> dict[tuple[int, ...], float]:
    """The draw of mean 1 behind each finished piece of work, by applicant, step and attempt."""
    arrays, found = model.arrays, {}
    hours = calendars.member_hours(arrays, SEED, REPLICATION)
    step = {
        (int(name), int(desk)): k
        for k, (name, desk) in enumerate(zip(arrays.steps.name, arrays.steps.desk, strict=True))
    }
    for row in worked_on(records):
        if np.isnan(row["ended"]) or row["attempt"] == 0:
            continue
        name, desk, member, start, end = (
            row[key].item() for key in ("step", "desk", "member", "started", "ended")
        )
        window = arrays.desks.kind[desk] == code.WINDOW
        work = end - start if window else calendars.worked(hours, member, start, end)
        regime, its = int(start >= arrays.reform), step[name, desk]
        again = arrays.reviews.again_effort[arrays.steps.review[its]] if row["attempt"] > 1 else 1.0
        normal = arrays.steps.mean[its] * arrays.desks.factor[regime, desk] * again
        if normal > 0.0:
            case = records.cases[row["case"]]
            draw = work * arrays.staff.efficiency[regime, member, desk] / normal
            found[int(case["service"]), int(case["n"]), name, int(row["attempt"])] = draw
    return found


@pytest.mark.slow
def test_a_lever_leaves_every_draw_that_it_does_not_concern() -> None:
    """Levers of staff, desks, chances and demand: instants,
    attributes and efforts of the same applicant stay.
    """
    shared, moved = 0, 0
    for text in written()[:60]:
        tree = json.loads(text)
        tree.pop("learning", None)  # it changes what a draw comes to
        levers = [lever for lever in tree["reform"] if lever not in ("hours", "task")]
        plain = model_of(tree)
        was = gs.simulate(plain, int(SEED), REPLICATION)
        before, draws = applicants(was), effort_draws(plain, was)
        for lever in levers:
            model = model_of(tree, [lever])
            now = gs.simulate(model, int(SEED), REPLICATION)
            both = [(before[who], k) for who, k in applicants(now).items() if who in before]
            old, new = np.array(both).reshape(-1, 2).T
            assert np.array_equal(was.cases["filed"][old], now.cases["filed"][new])
            assert np.array_equal(was.attributes[old], now.attributes[new])
            pairs = np.array(
                [
                    (draws[key], draw)
                    for key, draw in effort_draws(model, now).items()
                    if key in draws
                ]
            )
            assert lever == "demand" or len(both) >= 0.9 * min(len(was.cases), len(now.cases))
            np.testing.assert_allclose(*pairs.reshape(-1, 2).T, rtol=0, atol=1e-6)
            shared += len(pairs)
            moved += image(was) != image(now)
    assert shared > 3_000
    assert moved > 50


# ------------------------------------------------------------------------------------- held results


@pytest.mark.slow
def test_two_held_results_do_not_change_each_other() -> None:
    for model, records in islice(replications(), 80):
        one = gs.simulate(model, int(SEED), REPLICATION)
        held = image(one)
        assert held == image(records)
        two = gs.simulate(model, int(SEED), REPLICATION + 1)
        assert image(one) == held
        for table in two[:4]:
            table.view(np.uint8)[:] = 255
        assert image(one) == held
        assert not any(np.shares_memory(a, b) for a in one[:4] for b in two[:4])
        assert image(gs.simulate(model, int(SEED), REPLICATION)) == held


@pytest.mark.slow
def test_a_replication_alone_or_after_others_gives_the_same_bytes() -> None:
    """Buffers go from hand to hand through all scenarios, forwards and backwards,
    other replications in between.
    """
    for order in (1, -1):
        buffers = Buffers()
        for model, records in list(replications())[::order]:
            compiled.run(model.arrays, 7, 3, buffers=buffers)
            assert same(
                compiled.run(model.arrays, int(SEED), REPLICATION, buffers=buffers), records
            )
