"""Who files at the office files at the same fraction of the opening time as of the day,
on that day or the next working day.

Hours 08:30-12:00 and 14:00-17:30 = 420 minutes; each task takes no time at all,
and there is always a clerk.

Monday 03:00 is an eighth of the day: 52.5 opening minutes: 09:22:30. Monday 18:00 is three
quarters: 315 minutes: 14:00 + 105 = 15:45. Saturday 06:00 is a quarter; the next working day is
Monday: 105 minutes: 10:15. Who files on the web on Wednesday at 03:00 has filed then, and waits
until the office opens (330 minutes closed).
"""

from govsim.organisation.nouns import Configuration, Service, Task
from plain import DESK, at, configuration, constant, group, recorded, weekly
from plain import organisation as describe


def organisation() -> Configuration:
    route = (Task("check", "desk", constant(0.0)),)
    services = {
        "office": Service(
            "hall",
            "office",
            recorded(at(0, "03:00"), at(0, "18:00"), at(5, "06:00"), calendar="office"),
            route,
        ),
        "web": Service("hall", "office", recorded(at(2, "03:00")), route),
    }
    return configuration(
        describe({"desk": DESK}, {"clerk": group({"desk": 1.0})}, services, {"office": weekly(28)}),
        days=28,
    )


ACTIVITIES = """
case  joined        started       ended
0     Mon 09:22:30  Mon 09:22:30  Mon 09:22:30
1     Mon 15:45     Mon 15:45     Mon 15:45
2     Wed 03:00     Wed 08:30     Wed 08:30
3     w2 Mon 10:15  w2 Mon 10:15  w2 Mon 10:15
"""

CASES = """
case  service  filed         part_service  part_closed
0     office   Mon 09:22:30  0             0
1     office   Mon 15:45     0             0
2     web      Wed 03:00     0             330
3     office   w2 Mon 10:15  0             0
"""
