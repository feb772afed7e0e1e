"""On the reform day waiting cases keep their place, but the desk's new order
and speed apply from then on.

One clerk; until the second Monday the desk is first come, first served; from then on the shortest
task comes first and every effort is halved. `long` takes 60 minutes, `short` 10.

Friday 17:00 long (case 0): half an hour until closing, the rest (fixed when work started) on Monday
08:30-09:00. Friday 17:05 long (case 1) and 17:10 short (case 2) wait. On Monday at 09:00 the
shorter is first: case 2, now 5 minutes,
   until 09:05; then case 1, now 30 minutes, until 09:35.
Waiting: case 1 had 25 minutes of queue on Friday and 35 on Monday, case 2 had 20 and 30;
closed 63 hours = 3780 minutes.
"""

from dataclasses import replace

from govsim.organisation.nouns import Configuration, Desk, Service, Task
from plain import DESK, at, configuration, constant, group, recorded, weekly
from plain import organisation as describe


def organisation() -> Configuration:
    services = {
        "long": Service(
            "hall",
            "office",
            recorded(at(4, "17:00"), at(4, "17:05")),
            (Task("check", "desk", constant(60.0)),),
        ),
        "short": Service(
            "hall", "office", recorded(at(4, "17:10")), (Task("check", "desk", constant(10.0)),)
        ),
    }
    before = describe(
        {"desk": DESK}, {"clerk": group({"desk": 1.0})}, services, {"office": weekly(28)}
    )
    after = replace(before, desks={"desk": Desk("hall", "review", "shortest", 0.5)})
    return configuration(before, after, 28, reform_day=7)


ACTIVITIES = """
case  joined     started       ended
0     Fri 17:00  Fri 17:00     w2 Mon 09:00
1     Fri 17:05  w2 Mon 09:05  w2 Mon 09:35
2     Fri 17:10  w2 Mon 09:00  w2 Mon 09:05
"""

CASES = """
case  service  part_service  part_queue  part_closed
0     long     60            0           3780
1     long     30            60          3780
2     short    5             50          3780
"""
