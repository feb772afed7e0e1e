"""A desk that is new to a group is learnt by doing: the first task there takes twice as long,
the second is normal.

Until the second Monday `old` serves the right desk and `new` the left one; from then on `old` is
gone and `new` serves both. Learning: 2 / (completions + 1), at least 1: 2 before the first task, 1
after it. Each task takes 20 minutes.

Friday 09:00 right (case 0): done by `old`, 20 minutes. Second Monday 09:00 right (case 1): the
first of `new` there: 40 minutes. 09:10 right (case 2): from 09:40, 20 minutes. 10:30 left (case 3):
no new desk for them: 20 minutes.
"""

from dataclasses import replace

from govsim.organisation.nouns import Configuration, Learning, Service, Task
from plain import DESK, at, configuration, constant, group, recorded, weekly
from plain import organisation as describe


def organisation() -> Configuration:
    right = recorded(at(4, "09:00"), at(7, "09:00"), at(7, "09:10"))
    services = {
        "right": Service("hall", "office", right, (Task("check", "right", constant(20.0)),)),
        "left": Service(
            "hall", "office", recorded(at(7, "10:30")), (Task("check", "left", constant(20.0)),)
        ),
    }
    staff = {"old": group({"right": 1.0}), "new": group({"left": 1.0})}
    before = describe({"left": DESK, "right": DESK}, staff, services, {"office": weekly(28)})
    pooled = {"old": group({}, 0), "new": group({"left": 1.0, "right": 1.0})}
    after = replace(before, staff=pooled, learning=Learning(2.0, exponent=1.0))
    return configuration(before, after, 28, reform_day=7)


ACTIVITIES = """
case  desk   member  joined        started       ended
0     right  old 1   Fri 09:00     Fri 09:00     Fri 09:20
1     right  new 1   w2 Mon 09:00  w2 Mon 09:00  w2 Mon 09:40
2     right  new 1   w2 Mon 09:10  w2 Mon 09:40  w2 Mon 10:00
3     left   new 1   w2 Mon 10:30  w2 Mon 10:30  w2 Mon 10:50
"""

CASES = """
case  part_service  part_queue
0     20            0
1     40            0
2     20            30
3     20            0
"""
