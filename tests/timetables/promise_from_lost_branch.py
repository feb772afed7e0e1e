"""A promise runs from the end of a block also where a lever has left one branch of it, or none.

Route: accepted; opinions side by side, of which an opinion from outside (1440 minutes of the clock)
is left and the other branch is empty; handling (630 minutes of work), decided.

Monday 09:00 accepted; the block is over on Tuesday 09:00. Handling: Tuesday 09:00-12:00 and
14:00-17:30 = 390, Wednesday 210 until noon and 30 from 14:00: decided on Wednesday 14:30. Legal
clock: Tuesday 420, Wednesday 240 = 660. Promise clock: from Wednesday 08:30: 240. Closed while
handled: lunch 120, night 900, lunch 120 = 1140.
"""

from govsim.organisation.nouns import Configuration, Delay, Mark, Parallel, Task
from plain import DESK, at, clock, configuration, constant, group, one_service, recorded


def organisation() -> Configuration:
    opinion = Delay("opinion", "outside", clock(constant(1440.0)))
    route = (
        Mark("accept", "accepted"),
        Parallel("opinions", ((opinion,), ())),
        Task("handling", "desk", constant(630.0)),
        Mark("decide", "decided"),
    )
    base = one_service(
        route,
        {"desk": DESK},
        {"clerk": group({"desk": 1.0})},
        recorded(at(0, "09:00")),
        28,
        promise=3,
        limit=20,
        promise_from="opinions",
    )
    return configuration(base, days=28)


ACTIVITIES = """
case  step      kind   joined     started    ended
0     opinion   delay  Mon 09:00  Mon 09:00  Tue 09:00
0     handling  task   Tue 09:00  Tue 09:00  Wed 14:30
"""

CASES = """
case  accepted   decided    part_service  part_closed  part_outside  legal_clock  promise_clock
0     Mon 09:00  Wed 14:30  630           1140         1440          660          240
"""
