"""The yardstick: the synthetic county as somebody who knows SimPy well would write it.

It is written for this one county. No scenario file, no absences, no reform day, no shared desks:
less work per activity than the engines do. Not slow on purpose: office hours are arithmetic (no
process per clerk), the log is a list of tuples, resources are plain.
"""

from __future__ import annotations

import bisect
import random
from collections.abc import Generator
from typing import Any

import simpy

from county import BUREAUS, CASES_PER_SERVICE

YEAR = 365 * 1440.0
OPENINGS: list[float] = []
CLOSINGS: list[float] = []
BEFORE: list[float] = []
for day in range(1096):
    if day % 7 < 5:
        for opening, closing in ((510, 720), (870, 1080)):
            BEFORE.append(BEFORE[-1] + CLOSINGS[-1] - OPENINGS[-1] if OPENINGS else 0.0)
            OPENINGS.append(day * 1440.0 + opening)
            CLOSINGS.append(day * 1440.0 + closing)


def after_work(now: float, work: float) -> float:
    """The instant at which `work` office minutes from now are over."""
    k = bisect.bisect_right(OPENINGS, now) - 1
    done = BEFORE[k] + min(now, CLOSINGS[k]) - OPENINGS[k] if k >= 0 else 0.0
    target = done + work
    j = (
        bisect.bisect_left(BEFORE, target) - 1
        if work > 0
        else bisect.bisect_right(BEFORE, target) - 1
    )
    j = max(j, 0)
    return OPENINGS[j] + target - BEFORE[j]


class County:
    def __init__(self, seed: int) -> None:
        self.env = simpy.Environment()
        self.random = random.Random(seed)
        self.log: list[tuple[int, str, float, float, float]] = []
        self.windows = {b: simpy.Resource(self.env, 2) for b in BUREAUS}
        self.reviewers = {b: simpy.PriorityResource(self.env, 5) for b in BUREAUS}
        self.signers = {b: simpy.Resource(self.env, 1) for b in BUREAUS}
        self.cases = 0

    def work(
        self, case: int, step: str, staff: simpy.Resource, minutes: float
    ) -> Generator[Any, Any, None]:
        joined = self.env.now
        with staff.request() as turn:
            yield turn
            started = (
                after_work(self.env.now, 0.0) if self.open_now() else after_work(self.env.now, 1e-9)
            )
            yield self.env.timeout(after_work(started, minutes) - self.env.now)
        self.log.append((case, step, joined, started, self.env.now))

    def open_now(self) -> bool:
        k = bisect.bisect_right(OPENINGS, self.env.now) - 1
        return k >= 0 and self.env.now < CLOSINGS[k]

    def review(self, case: int, bureau: str, minutes: float) -> Generator[Any, Any, None]:
        joined = self.env.now
        with self.reviewers[bureau].request(priority=joined) as turn:
            yield turn
            started = self.env.now if self.open_now() else after_work(self.env.now, 1e-9)
            yield self.env.timeout(after_work(started, minutes) - self.env.now)
        self.log.append((case, "review", joined, started, self.env.now))

    def transfer(self, case: int) -> Generator[Any, Any, None]:
        joined = self.env.now
        leaves, takes = joined, 84.0
        if self.random.random() < 0.5:
            leaves = (joined - 960) // 1440 * 1440 + 960 + (1440 if (joined - 960) % 1440 else 0)
            takes = 420.0
        yield self.env.timeout(after_work(leaves, takes) - joined)
        self.log.append((case, "transfer", joined, leaves, self.env.now))

    def case(self, case: int, bureau: str, other: str, asks: bool) -> Generator[Any, Any, None]:
        draw = self.random
        for attempt in range(3):
            yield from self.work(
                case, "intake", self.windows[bureau], draw.lognormvariate(2.19, 0.47)
            )
            if draw.random() >= (0.2 if attempt == 0 else 0.1) or draw.random() < 0.3:
                break
            if attempt == 2:
                return
            joined = self.env.now
            yield self.env.timeout(draw.lognormvariate(8.54, 0.83))
            self.log.append((case, "supplement", joined, joined, self.env.now))
        yield from self.review(case, bureau, draw.gammavariate(1.5625, 25.6))
        if asks:
            yield from self.transfer(case)
            yield from self.review(case, other, draw.gammavariate(1.5625, 12.8))
            yield from self.transfer(case)
            joined = self.env.now
            sits = (joined // 10080 + 1) * 10080 + 540
            yield self.env.timeout(sits - joined)
            self.log.append((case, "meeting", joined, sits, sits))
            yield from self.work(
                case, "sign", self.signers[bureau], draw.lognormvariate(1.68, 0.47)
            )
        yield from self.work(case, "sign", self.signers[bureau], draw.lognormvariate(1.68, 0.47))

    def arrivals(self, bureau: str, other: str, asks: bool) -> Generator[Any, Any, None]:
        rate = CASES_PER_SERVICE / YEAR
        while True:
            yield self.env.timeout(self.random.expovariate(rate))
            if self.env.now > YEAR:
                return
            self.env.process(self.case(self.cases, bureau, other, asks))
            self.cases += 1


def run(seed: int = 1) -> County:
    """One replication of the year, until every case has ended."""
    county = County(seed)
    for i, bureau in enumerate(BUREAUS):
        county.env.process(county.arrivals(bureau, BUREAUS[(i + 1) % len(BUREAUS)], False))
        county.env.process(county.arrivals(bureau, BUREAUS[(i + 2) % len(BUREAUS)], True))
    county.env.run()
    county.log.sort()
    return county


if __name__ == "__main__":
    import time

    began = time.perf_counter()
    done = run()
    took = time.perf_counter() - began
    print(
        f"{done.cases} cases, {len(done.log)} activities, {took:.2f} s, {len(done.log) / took:.0f} "
        "activities/s"
    )
