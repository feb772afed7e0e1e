"""Three desks with an order of their own: by class, by due date, by length. Nobody is interrupted.

Each desk has one clerk. At `by_class` (30 minutes) urgent cases have class 1, plain ones class 2.
At `by_date` (30 minutes) quick cases are promised within one working day, slow ones within three;
without a mark the clock starts on the day after the filing, so on Monday the due dates are Tuesday
17:30 and Thursday 17:30. At `by_length` the tasks take 10 or 40 minutes.

09:00 plain (0) starts; 09:05 plain (1), 09:10 urgent (2). At 09:30 the urgent one is first, at
10:00 the plain one. 10:00 slow (3) starts; 10:05 slow (4), 10:10 quick (5). At 10:30 the quick one
is due first, at 11:00 the slow one. 11:00 long (6) starts; 11:05 long (7), 11:10 short (8). At
11:40 the short one, at 11:50 the long one: 10 minutes until noon
   and 30 from 14:00.
"""

from govsim.organisation.nouns import Configuration, Desk, Service, Task
from plain import at, configuration, constant, group, recorded, weekly
from plain import organisation as describe


def organisation() -> Configuration:
    def service(
        desk: str, effort: float, *filed: str, priority: int = 1, promise: int | None = None
    ) -> Service:
        route = (Task("check", desk, constant(effort)),)
        return Service(
            "hall",
            "office",
            recorded(*(at(0, t) for t in filed)),
            route,
            promise=promise,
            priority=priority,
        )

    services = {
        "plain": service("by_class", 30.0, "09:00", "09:05", priority=2),
        "urgent": service("by_class", 30.0, "09:10", priority=1),
        "slow": service("by_date", 30.0, "10:00", "10:05", promise=3),
        "quick": service("by_date", 30.0, "10:10", promise=1),
        "long": service("by_length", 40.0, "11:00", "11:05"),
        "short": service("by_length", 10.0, "11:10"),
    }
    desks = {
        "by_class": Desk("hall", "review", "priority"),
        "by_date": Desk("hall", "review", "due_date"),
        "by_length": Desk("hall", "review", "shortest"),
    }
    staff = {f"clerk {desk}": group({desk: 1.0}) for desk in desks}
    return configuration(describe(desks, staff, services, {"office": weekly(28)}), days=28)


ACTIVITIES = """
case  desk       joined     started    ended
0     by_class   Mon 09:00  Mon 09:00  Mon 09:30
1     by_class   Mon 09:05  Mon 10:00  Mon 10:30
2     by_class   Mon 09:10  Mon 09:30  Mon 10:00
3     by_date    Mon 10:00  Mon 10:00  Mon 10:30
4     by_date    Mon 10:05  Mon 11:00  Mon 11:30
5     by_date    Mon 10:10  Mon 10:30  Mon 11:00
6     by_length  Mon 11:00  Mon 11:00  Mon 11:40
7     by_length  Mon 11:05  Mon 11:50  Mon 14:30
8     by_length  Mon 11:10  Mon 11:40  Mon 11:50
"""

CASES = """
case  service  part_service  part_queue  part_closed
0     plain    30            0           0
1     plain    30            55          0
2     urgent   30            20          0
3     slow     30            0           0
4     slow     30            55          0
5     quick    30            20          0
6     long     40            0           0
7     long     40            45          120
8     short    10            30          0
"""
