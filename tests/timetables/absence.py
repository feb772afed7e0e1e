"""A specialist is certainly absent on the first two days after the reform:
waiting for them is queue, being suspended closed.

One desk, one specialist, 08:30-12:00 and 14:00-17:30, absent on the second Monday and Tuesday;
each task takes 30 minutes.

Case 0, Friday 17:15: 15 minutes until closing, the other 15 on the second Wednesday 08:30-08:45.
Closed: 111 hours = 6660. Case 1, second Monday 09:00: starts on Wednesday at 08:45. The desk is
open by its calendar all the same: queue 180 + 210 on
   Monday, 420 on Tuesday, 15 on Wednesday = 825; closed 120 + 900 + 120 + 900 = 2040.
On duty: five days in the first week, three in the second, five in the third;
the run ends on the fourth Monday at 00:00.
"""

from dataclasses import replace

from govsim.organisation.nouns import Configuration, Path, Task
from plain import DESK, at, configuration, constant, group, one_service, recorded


def organisation() -> Configuration:
    filings = recorded(at(4, "17:15"), at(7, "09:00"))
    staff = {"specialist": group({"desk": 1.0})}
    before = one_service(
        [Task("check", "desk", constant(30.0))], {"desk": DESK}, staff, filings, 28
    )
    after = replace(
        before, staff={"specialist": group({"desk": 1.0}, absence=Path(0.0, 1.0, 2.0, "step"))}
    )
    return configuration(before, after, 28, reform_day=7)


ACTIVITIES = """
case  joined        started       ended
0     Fri 17:15     Fri 17:15     w2 Wed 08:45
1     w2 Mon 09:00  w2 Wed 08:45  w2 Wed 09:15
"""

CASES = """
case  part_service  part_queue  part_closed
0     30            0           6660
1     30            825         2040
"""

DUTY = """
member        week  minutes
specialist 1  1     2100
specialist 1  2     1260
specialist 1  3     2100
"""
