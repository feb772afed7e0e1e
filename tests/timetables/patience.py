"""Patience runs out in opening time, and withdrawing at the instant of assignment wins.

One window, one clerk, 08:30-12:00 and 14:00-17:30; a visit takes 60 minutes,
everyone waits at most 45 opening minutes.

Case 0, 10:00: served until 11:00. Case 1, 10:10: leaves at 10:55. Case 2, 10:15: leaves at 11:00,
the instant at which the clerk is free: withdrawing wins. Case 3, 10:30: would leave at 11:15, is
served at 11:00, until noon. Case 4, 11:40: 20 minutes of patience are used up by noon, the rest
would last until 14:25; served 14:00-15:00. Case 5, 11:50: 10 minutes by noon, 35 from 14:00: leaves
at 14:35 (queue 45, closed 120).
"""

from govsim.organisation.nouns import Configuration, Task
from plain import WINDOW, at, configuration, constant, group, one_service, recorded


def organisation() -> Configuration:
    filings = recorded(*(at(0, t) for t in ("10:00", "10:10", "10:15", "10:30", "11:40", "11:50")))
    visit = Task("visit", "window", constant(60.0), patience=constant(45.0))
    return configuration(
        one_service([visit], {"window": WINDOW}, {"clerk": group({"window": 1.0})}, filings, 28),
        days=28,
    )


ACTIVITIES = """
case  variant    member   joined     started    ended
0     plain      clerk 1  Mon 10:00  Mon 10:00  Mon 11:00
1     withdrawn  -        Mon 10:10  -          Mon 10:55
2     withdrawn  -        Mon 10:15  -          Mon 11:00
3     plain      clerk 1  Mon 10:30  Mon 11:00  Mon 12:00
4     plain      clerk 1  Mon 11:40  Mon 14:00  Mon 15:00
5     withdrawn  -        Mon 11:50  -          Mon 14:35
"""

CASES = """
case  outcome    ended      part_service  part_queue  part_closed
0     completed  Mon 11:00  60            0           0
1     withdrawn  Mon 10:55  0             45          0
2     withdrawn  Mon 11:00  0             45          0
3     completed  Mon 12:00  60            30          0
4     completed  Mon 15:00  60            20          120
5     withdrawn  Mon 14:35  0             45          120
"""
