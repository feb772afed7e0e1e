"""A holiday on Thursday and Friday, made up for on Saturday:
a worked Saturday is a working day like any other.

One desk, one clerk, 08:30-12:00 and 14:00-17:30; each task takes 60 minutes and is followed by a
notice of two whole working days, which runs out at the closing of the second working day after the
day on which it began.

Case 0 comes on Wednesday at 17:00: half an hour then, the other half on Saturday: 09:00. Closed:
Wednesday 17:30 to
   Saturday 08:30 = 63 hours = 3780 minutes. The two working days after Saturday are Monday and
   Tuesday: the notice ends on Tuesday of the second week at 17:30, 80.5 hours = 4830 minutes later.
Case 1 comes on Thursday at 10:00, a holiday: closed until Saturday 08:30 (46.5 hours = 2790),
then 30 minutes of queue
   while the clerk finishes case 0. Worked on 09:00-10:00; notice until Tuesday 17:30,
   79.5 hours = 4770 minutes.
"""

from govsim.organisation.nouns import Configuration, Delay, Task
from plain import DESK, at, configuration, constant, group, one_service, recorded, term, weekly


def organisation() -> Configuration:
    hours = {"office": weekly(28, closed=(3, 4), worked=(5,))}
    route = (Task("check", "desk", constant(60.0)), Delay("publicity", "notice", term(2)))
    filings = recorded(at(2, "17:00"), at(3, "10:00"))
    return configuration(
        one_service(route, {"desk": DESK}, {"clerk": group({"desk": 1.0})}, filings, 28, hours),
        days=28,
    )


ACTIVITIES = """
case  step       kind   joined     started    ended
0     check      task   Wed 17:00  Wed 17:00  Sat 09:00
0     publicity  delay  Sat 09:00  Sat 09:00  w2 Tue 17:30
1     check      task   Thu 10:00  Sat 09:00  Sat 10:00
1     publicity  delay  Sat 10:00  Sat 10:00  w2 Tue 17:30
"""

CASES = """
case  ended         part_service  part_queue  part_closed  part_notice
0     w2 Tue 17:30  60            0           3780         4830
1     w2 Tue 17:30  60            30          2790         4770
"""
