"""Who leaves on the reform day finishes the task begun, on the old hours, and takes nothing new.

Until the second Monday two clerks work 08:30-12:00 and 14:00-17:30; from that day on clerk 2 is
gone and clerk 1 works 10:00-18:00. Each task takes 120 minutes.

Case 0, Friday 16:30: clerk 1, an hour until closing; the other hour on Monday on the new hours:
10:00-11:00. Closed: Friday
   17:30 to Monday 10:00 = 64.5 hours = 3870 minutes.
Case 1, Friday 16:45: clerk 2, 45 minutes until closing; the other 75 on Monday on the old hours:
08:30-09:45. Closed: 63
   hours = 3780 minutes.
Cases 2 and 3, Monday 08:00 and 08:10: clerk 2 is idle from 09:45 but takes nothing new.
Clerk 1 takes case 2 at 11:00, case 3
   at 13:00. On the new hours the desk opens at 10:00: case 2 has 120 closed and 60 queue,
   case 3 has 110 closed and 180 queue.
On duty: clerk 1 five days of 420 minutes, then of 480 (nobody counts beyond the end of the run,
the fourth Monday 00:00);
   clerk 2 only in the first week: finishing an old task is not duty.
"""

from dataclasses import replace

from govsim.organisation.nouns import Configuration, Task
from plain import DESK, at, configuration, constant, group, one_service, recorded, weekly


def organisation() -> Configuration:
    filings = recorded(at(4, "16:30"), at(4, "16:45"), at(7, "08:00"), at(7, "08:10"))
    hours = {"office": weekly(28), "later": weekly(28, "10:00-18:00")}
    route = [Task("check", "desk", constant(120.0))]
    before = one_service(
        route, {"desk": DESK}, {"clerk": group({"desk": 1.0}, 2)}, filings, 28, hours
    )
    after = replace(before, staff={"clerk": group({"desk": 1.0}, 1, "later")})
    return configuration(before, after, 28, reform_day=7)


ACTIVITIES = """
case  member   joined        started       ended
0     clerk 1  Fri 16:30     Fri 16:30     w2 Mon 11:00
1     clerk 2  Fri 16:45     Fri 16:45     w2 Mon 09:45
2     clerk 1  w2 Mon 08:00  w2 Mon 11:00  w2 Mon 13:00
3     clerk 1  w2 Mon 08:10  w2 Mon 13:00  w2 Mon 15:00
"""

CASES = """
case  part_service  part_queue  part_closed
0     120           0           3870
1     120           0           3780
2     120           60          120
3     120           180         110
"""

DUTY = """
member   week  minutes
clerk 1  1     2100
clerk 1  2     2400
clerk 1  3     2400
clerk 2  1     2100
"""
