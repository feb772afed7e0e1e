"""Among idle members who prefer a desk alike, the faster one works,
however short they have been idle.

One desk, tasks of 20 minutes; `slow` works at half speed (40 minutes),
`fast` at double speed (10 minutes).

09:00 case 0: both idle since the start: the faster, until 09:10 (slow has the lower number). 09:05
case 1: only slow is idle: until 09:45. 09:20 case 2: fast, until 09:30. 10:00 case 3: fast has been
idle since 09:30, slow since 09:45: fast, until 10:10. 10:10 case 4: fast has just completed (idle
since 10:10), slow has been idle since 09:45: still the faster, until 10:20.
"""

from govsim.organisation.nouns import Configuration, Task
from plain import DESK, at, configuration, constant, group, one_service, recorded


def organisation() -> Configuration:
    filings = recorded(*(at(0, t) for t in ("09:00", "09:05", "09:20", "10:00", "10:10")))
    staff = {"slow": group({"desk": 0.5}), "fast": group({"desk": 2.0})}
    return configuration(
        one_service([Task("check", "desk", constant(20.0))], {"desk": DESK}, staff, filings, 28),
        days=28,
    )


ACTIVITIES = """
case  member  joined     started    ended
0     fast 1  Mon 09:00  Mon 09:00  Mon 09:10
1     slow 1  Mon 09:05  Mon 09:05  Mon 09:45
2     fast 1  Mon 09:20  Mon 09:20  Mon 09:30
3     fast 1  Mon 10:00  Mon 10:00  Mon 10:10
4     fast 1  Mon 10:10  Mon 10:10  Mon 10:20
"""

CASES = """
case  part_service  part_queue
0     10            0
1     40            0
2     10            0
3     10            0
4     10            0
"""
