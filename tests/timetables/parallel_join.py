"""A block joins when its last branch is back, and that branch says where the time went;
of two at once the first.

Route: a (10 minutes); then side by side b (30 minutes), an opinion from outside (45 minutes of the
clock), and c (30) followed by d (15); then e (10). a and e are done by clerk 1, b by clerk 2, c and
d by clerk 3; 08:30-12:00, 14:00-17:30.

Case 0, Monday 09:00: a until 09:10; b until 09:40; the opinion until 09:55; c until 09:40,
d until 09:55. The second and
   the third branch are back at one instant: the second counts: 45 minutes `outside`. e until 10:05.
Case 1, Monday 11:30: a until 11:40; b 20 minutes until noon and 10 from 14:00;
the opinion until 12:25; c until 14:10,
   d until 14:25. The third branch is the last: 45 minutes service and 120 closed. e until 14:35.
"""

from govsim.organisation.nouns import Configuration, Delay, Parallel, Task
from plain import DESK, at, clock, configuration, constant, group, one_service, recorded


def organisation() -> Configuration:
    opinion = Delay("opinion", "outside", clock(constant(45.0)))
    block = Parallel(
        "side_by_side",
        (
            (Task("b", "second", constant(30.0)),),
            (opinion,),
            (Task("c", "third", constant(30.0)), Task("d", "third", constant(15.0))),
        ),
    )
    route = (Task("a", "first", constant(10.0)), block, Task("e", "first", constant(10.0)))
    staff = {f"clerk of {desk}": group({desk: 1.0}) for desk in ("first", "second", "third")}
    filings = recorded(at(0, "09:00"), at(0, "11:30"))
    return configuration(
        one_service(route, dict.fromkeys(("first", "second", "third"), DESK), staff, filings, 28),
        days=28,
    )


ACTIVITIES = """
case  step     kind   joined     started    ended
0     a        task   Mon 09:00  Mon 09:00  Mon 09:10
0     b        task   Mon 09:10  Mon 09:10  Mon 09:40
0     opinion  delay  Mon 09:10  Mon 09:10  Mon 09:55
0     c        task   Mon 09:10  Mon 09:10  Mon 09:40
0     d        task   Mon 09:40  Mon 09:40  Mon 09:55
0     e        task   Mon 09:55  Mon 09:55  Mon 10:05
1     a        task   Mon 11:30  Mon 11:30  Mon 11:40
1     b        task   Mon 11:40  Mon 11:40  Mon 14:10
1     opinion  delay  Mon 11:40  Mon 11:40  Mon 12:25
1     c        task   Mon 11:40  Mon 11:40  Mon 14:10
1     d        task   Mon 14:10  Mon 14:10  Mon 14:25
1     e        task   Mon 14:25  Mon 14:25  Mon 14:35
"""

CASES = """
case  ended      part_service  part_queue  part_closed  part_outside
0     Mon 10:05  20            0           0            45
1     Mon 14:35  65            0           120          0
"""
