"""The legal clock runs in working time, starts on the day after the acceptance,
stops for an opinion, skips a holiday.

Thursday and Friday are holidays. Route: intake (30 minutes), accepted, an opinion from outside (630
working minutes, stops the clock), the decision (630 minutes of work), decided, then a notice of one
working day. Working days of 420 minutes.

Monday 09:00-09:30 intake; accepted 09:30. The clock starts on Tuesday at 08:30. The opinion: 150
minutes until noon, 210 in the afternoon, on Tuesday 210 + 60: it is back on Tuesday at 15:00. It
belongs
   to `outside`: 29.5 hours = 1770 minutes.
The decision: Tuesday 15:00-17:30 = 150, Wednesday 420, then the holiday and the weekend,
Monday 08:30-09:30 = 60. Of these
   138.5 hours = 8310 minutes 630 are service, 7680 closed.
The clock from Tuesday 08:30 to Monday 09:30: 420 + 420 + 60 = 900 working minutes.
It stood still from its start on Tuesday
   at 08:30 (the hours on Monday do not count: it had not started) until 15:00: 270 minutes.
   Legal clock: 630.
The day promised (420): 150 by closing on Tuesday, 270 on Wednesday: it ran out at 15:00. The two
days allowed (840) would have run out during the notice, but the case was decided by then.
The notice runs out at the closing of Tuesday: 32 hours = 1920 minutes; it comes after the decision.
"""

from govsim.organisation.nouns import Configuration, Delay, Mark, Task
from plain import (
    DESK,
    at,
    configuration,
    constant,
    group,
    one_service,
    recorded,
    term,
    weekly,
    working,
)


def organisation() -> Configuration:
    route = (
        Task("intake", "desk", constant(30.0)),
        Mark("accept", "accepted"),
        Delay("opinion", "outside", working(constant(630.0)), stops_clock=True),
        Mark("heard", "first_answer"),
        Task("decision", "desk", constant(630.0)),
        Mark("decide", "decided"),
        Delay("publicity", "notice", term(1)),
    )
    hours = {"office": weekly(28, closed=(3, 4))}
    clerk = {"clerk": group({"desk": 1.0})}
    filings = recorded(at(0, "09:00"))
    return configuration(
        one_service(route, {"desk": DESK}, clerk, filings, 28, hours, promise=1, limit=2), days=28
    )


ACTIVITIES = """
case  step       kind   joined        started       ended
0     intake     task   Mon 09:00     Mon 09:00     Mon 09:30
0     opinion    delay  Mon 09:30     Mon 09:30     Tue 15:00
0     decision   task   Tue 15:00     Tue 15:00     w2 Mon 09:30
0     publicity  delay  w2 Mon 09:30  w2 Mon 09:30  w2 Tue 17:30
"""

CASES = """
case  accepted   first_answer  decided       ended         part_service \
  part_closed  part_outside  part_notice  legal_clock \
  promise_out  limit_out
0     Mon 09:30  Tue 15:00     w2 Mon 09:30  w2 Tue 17:30  660 \
  7680         1770          1920         630 \
  Wed 15:00    never
"""
