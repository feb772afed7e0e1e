"""Everyone goes to the wrong window first and comes again on the next working day,
at the same fraction of its hours.

The right window takes 20 minutes, the wrong one sends people away after 10. Hours 08:30-12:00 and
14:00-17:30; Saturday is worked from 09:00 to 12:00 only.

Case 0, Monday 09:00: wrong window until 09:10. They had joined when 30
of the day's 420 minutes had passed; on Tuesday that is
   09:00: right window until 09:20. Between the two visits 23 h 50 min = 1430 minutes belong
   to the applicant.
Case 1, Wednesday 12:30: half of the day's minutes had passed.
The wrong window opens at 14:00 (90 minutes closed), until
   14:10. Half of Thursday's minutes have passed at 12:00, the closing instant: they come, but wait
   until 14:00 (120 closed): until 14:20. The applicant's part: 21 h 50 min = 1310.
Case 2, Friday 15:45: 315 of 420 minutes = three quarters. Wrong window until 15:55.
Three quarters of Saturday's 180 minutes
   have passed at 11:15: until 11:35. The applicant's part: 19 h 20 min = 1160.
Case 3, Sunday 10:00, a closed day: the wrong window opens on Monday at 08:30 (22 h 30 min = 1350
   minutes closed), until 08:40. Who joined on a closed day comes again at the very opening,
   on Tuesday at 08:30: until 08:50. The applicant's part: 23 h 50 min = 1430.
"""

from govsim.organisation.nouns import Calendar, Configuration, Misdirected, Path, Task, WorkingDay
from plain import (
    WINDOW,
    at,
    configuration,
    constant,
    group,
    intervals,
    one_service,
    recorded,
    weekly,
)


def organisation() -> Configuration:
    week = weekly(28)
    days = [*week.days, WorkingDay(5, intervals("09:00-12:00"))]
    hours = {
        "office": Calendar(420.0, tuple(sorted(days, key=lambda working_day: working_day.day)))
    }
    visit = Task(
        "visit",
        "right",
        constant(20.0),
        misdirected=Misdirected(Path(1.0), "wrong", constant(10.0)),
    )
    staff = {"guide": group({"wrong": 1.0}), "clerk": group({"right": 1.0})}
    filings = recorded(at(0, "09:00"), at(2, "12:30"), at(4, "15:45"), at(6, "10:00"))
    return configuration(
        one_service([visit], {"right": WINDOW, "wrong": WINDOW}, staff, filings, 28, hours), days=28
    )


ACTIVITIES = """
case  step   desk   attempt  variant      joined     started    ended
0     visit  wrong  0        misdirected  Mon 09:00  Mon 09:00  Mon 09:10
0     visit  right  1        plain        Tue 09:00  Tue 09:00  Tue 09:20
1     visit  wrong  0        misdirected  Wed 12:30  Wed 14:00  Wed 14:10
1     visit  right  1        plain        Thu 12:00  Thu 14:00  Thu 14:20
2     visit  wrong  0        misdirected  Fri 15:45  Fri 15:45  Fri 15:55
2     visit  right  1        plain        Sat 11:15  Sat 11:15  Sat 11:35
3     visit  wrong  0        misdirected  Sun 10:00  w2 Mon 08:30  w2 Mon 08:40
3     visit  right  1        plain        w2 Tue 08:30  w2 Tue 08:30  w2 Tue 08:50
"""

CASES = """
case  part_service  part_queue  part_closed  part_applicant
0     30            0           0            1430
1     30            0           210          1310
2     30            0           0            1160
3     30            0           1350         1430
"""
