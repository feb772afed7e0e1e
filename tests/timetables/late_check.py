"""If the first check of papers ends after the fifth working day,
the case counts as accepted when it was filed.

The only clerk is away until the second Tuesday. Route: a check (30 minutes; always incomplete at
first, never again; the applicant takes 420 working minutes), accepted, the decision (60 minutes),
decided. Working days of 420 minutes.

Case 0, filed on Monday at 09:00: checked on the second Tuesday 08:30-09:00.
The fifth working day after Monday was the
   second Monday: too late. So it counts as accepted on Monday at 09:00, and the supplement stops
   the clock. The applicant needs 180 minutes until noon, 210 in the afternoon, 30 on Wednesday:
   Wednesday 09:00. Second check until 09:30, decision until 10:30. The clock: from Tuesday 08:30 of
   the first week four days, Monday, Tuesday and 120 minutes on Wednesday = 6 x 420 + 120 = 2640; it
   stood still for 420: 2220. The four days promised were used up on Friday at closing, the five
   allowed on the second Monday: they ran out at the next openings, before anybody checked.
   Closed from Monday 09:00 to the second Tuesday 08:30 (the desk is not open at all): 191.5 hours =
   11490 minutes.
Case 1, filed on the second Tuesday at 14:00: checked until 14:30, in time.
The supplement takes 180 minutes that day and
   240 on Wednesday (until noon 210, then 30): Wednesday 14:30. Second check until 15:00: accepted
   now. Decided at 16:00, before the clock started (Thursday 08:30): legal clock 0,
   and nothing ever ran out.
"""

from govsim.organisation.nouns import Configuration, Mark, Task
from plain import (
    DESK,
    at,
    configuration,
    constant,
    group,
    one_service,
    recorded,
    review,
    weekly,
    working,
)


def organisation() -> Configuration:
    papers = review(1.0, 0.0, 2, supplement=working(constant(420.0)))
    route = (
        Task("check", "desk", constant(30.0), papers),
        Mark("accept", "accepted"),
        Task("decision", "desk", constant(60.0)),
        Mark("decide", "decided"),
    )
    hours = {"office": weekly(28), "from_tuesday": weekly(28, closed=range(8))}
    clerk = {"clerk": group({"desk": 1.0}, calendar="from_tuesday")}
    filings = recorded(at(0, "09:00"), at(8, "14:00"))
    return configuration(
        one_service(route, {"desk": DESK}, clerk, filings, 28, hours, promise=4, limit=5), days=28
    )


ACTIVITIES = """
case  step      attempt  kind        joined        started       ended
0     check     1        task        Mon 09:00     w2 Tue 08:30  w2 Tue 09:00
0     check     1        supplement  w2 Tue 09:00  w2 Tue 09:00  w2 Wed 09:00
0     check     2        task        w2 Wed 09:00  w2 Wed 09:00  w2 Wed 09:30
0     decision  1        task        w2 Wed 09:30  w2 Wed 09:30  w2 Wed 10:30
1     check     1        task        w2 Tue 14:00  w2 Tue 14:00  w2 Tue 14:30
1     check     1        supplement  w2 Tue 14:30  w2 Tue 14:30  w2 Wed 14:30
1     check     2        task        w2 Wed 14:30  w2 Wed 14:30  w2 Wed 15:00
1     decision  1        task        w2 Wed 15:00  w2 Wed 15:00  w2 Wed 16:00
"""

CASES = """
case  accepted      decided       part_service  part_queue  part_closed  part_applicant \
  legal_clock  promise_out   limit_out
0     Mon 09:00     w2 Wed 10:30  120           0           11490        1440 \
  2220         w2 Mon 08:30  w2 Tue 08:30
1     w2 Wed 15:00  w2 Wed 16:00  120           0           0            1440 \
  0            never         never
"""
