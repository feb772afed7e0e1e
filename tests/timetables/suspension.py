"""Work at a desk that is no window is suspended while its member is off duty, and resumed.

One review desk, one clerk, Monday to Friday 08:30-12:00 and 14:00-17:30;
each task takes 120 minutes.

Case 0 comes on Monday at 11:00: an hour until noon, an hour from 14:00: ended 15:00. The two hours
of lunch are closed. Case 1 comes at 11:30 and waits until 15:00: queue 30 + 60, closed 120. Worked
on until 17:00. Case 2 comes at 16:00, waits an hour, starts at 17:00; half an hour until closing,
the other 90 minutes on Tuesday from
   08:30 to 10:00. Closed: 17:30 to 08:30 = 900.
Case 3 comes on Tuesday at 09:00, starts at 10:00 and ends exactly at noon: work may end at the
closing instant. Case 4 comes on Friday at 16:30: an hour then, an hour on the next Monday: 09:30.
Closed: 63 hours = 3780 minutes.
"""

from govsim.organisation.nouns import Configuration, Task
from plain import DESK, at, configuration, constant, group, one_service, recorded


def organisation() -> Configuration:
    filings = recorded(
        at(0, "11:00"), at(0, "11:30"), at(0, "16:00"), at(1, "09:00"), at(4, "16:30")
    )
    clerks = {"clerk": group({"desk": 1.0})}
    return configuration(
        one_service([Task("check", "desk", constant(120.0))], {"desk": DESK}, clerks, filings, 28),
        days=28,
    )


ACTIVITIES = """
case  step   joined     started    ended
0     check  Mon 11:00  Mon 11:00  Mon 15:00
1     check  Mon 11:30  Mon 15:00  Mon 17:00
2     check  Mon 16:00  Mon 17:00  Tue 10:00
3     check  Tue 09:00  Tue 10:00  Tue 12:00
4     check  Fri 16:30  Fri 16:30  w2 Mon 09:30
"""

CASES = """
case  outcome    part_service  part_queue  part_closed
0     completed  120           0           120
1     completed  120           90          120
2     completed  120           60          900
3     completed  120           60          0
4     completed  120           0           3780
"""
