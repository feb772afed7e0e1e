"""A suspended task waits for the member who began it, even if another is idle.

One desk, two groups of one: `early` (08:30-12:00 only) and `late` (10:00-17:30, without a break).
Each task takes 120 minutes. The desk is open from 08:30 to 17:30.

Case 0 comes on Monday at 11:00. Both are idle since the start and equally good: the lower number,
early, takes it,
   works an hour until noon and goes home. Late is idle all afternoon, but the task waits: Tuesday
   08:30-09:30. Closed (suspended): Monday 12:00 to Tuesday 08:30 = 20.5 hours = 1230 minutes.
Case 1 comes on Monday at 12:00: early does not start at the closing instant, late does:
12:00-14:00.
"""

from govsim.organisation.nouns import Configuration, Task
from plain import DESK, at, configuration, constant, group, one_service, recorded, weekly


def organisation() -> Configuration:
    hours = {
        "office": weekly(28),
        "mornings": weekly(28, "08:30-12:00"),
        "later": weekly(28, "10:00-17:30"),
    }
    staff = {
        "early": group({"desk": 1.0}, calendar="mornings"),
        "late": group({"desk": 1.0}, calendar="later"),
    }
    filings = recorded(at(0, "11:00"), at(0, "12:00"))
    return configuration(
        one_service(
            [Task("check", "desk", constant(120.0))], {"desk": DESK}, staff, filings, 28, hours
        ),
        days=28,
    )


ACTIVITIES = """
case  step   member   joined     started    ended
0     check  early 1  Mon 11:00  Mon 11:00  Tue 09:30
1     check  late 1   Mon 12:00  Mon 12:00  Mon 14:00
"""

CASES = """
case  part_service  part_queue  part_closed
0     120           0           1230
1     120           0           0
"""
