"""A promise runs out at the first instant from which the clock shows more than was promised.

One working day is promised, two are allowed; working days of 420 minutes. Route: check (420 minutes
at the first desk; who waits there for 900 opening minutes goes), an opinion from outside (60
working minutes, stops the clock), decision (420 minutes at the second desk). The clock starts on
the working day after filing. The horizon is midnight of the second Wednesday.

Case 0: the clock starts on Tuesday 08:30, stands until 09:30, shows 360 at closing and 420 on
   Wednesday 09:30, when it is decided: the promise is kept to the minute.
Case 1: the clock shows 420 at closing on Tuesday, when the opinion is asked for. It stands until
   Wednesday 09:30, then runs on: the promise runs out there. Wednesday 360, Thursday 60: 840. The
   limit is kept to the minute.
Case 2: as case 1 on Tuesday, but no opinion yet: the promise runs out when the clock runs on, on
   Wednesday 08:30. At closing it shows 840; opinion until Thursday 09:30: there the limit runs out.
   Clock: 420 + 420 + 360 + 60 = 1260.
Case 3: gives up on Wednesday: Monday from 10:00 330, Tuesday 420, Wednesday 150: at 11:00. The
   promise ran out at 08:30, before that; the limit had not.
Case 4: the clock starts on Wednesday. Thursday 08:30 the promise runs out; 840 at closing, opinion
   until Friday 09:30: there the limit runs out. Friday 360, Monday 60: 1260.
Case 5: checked from Friday 10:00, 330, until Monday 10:00. The clock starts on Monday 08:30, stands
   10:00-11:00, shows 360 at closing and 420 on Tuesday 09:30: there the promise runs out. It is
   decided at 11:00: 510.
Case 6: checked from Monday 10:00, 330, until Tuesday 10:00; opinion until 11:00; then the decision,
   open at the horizon. The clock shows 420 at closing on Monday: the promise runs out on Tuesday
   08:30. The limit: 420 + 90 + 270 = 780 at the horizon.
Case 7: checked from Tuesday 10:00, open. The clock starts on Tuesday and shows 420 at closing. It
   would run on on Wednesday, behind the horizon.
"""

from govsim.organisation.nouns import Configuration, Delay, Task
from plain import DESK, at, configuration, constant, group, one_service, recorded, working


def organisation() -> Configuration:
    route = (
        Task("check", "first", constant(420.0), patience=constant(900.0)),
        Delay("opinion", "outside", working(constant(60.0)), stops_clock=True),
        Task("decision", "second", constant(420.0)),
    )
    staff = {f"clerk of {desk}": group({desk: 1.0}) for desk in ("first", "second")}
    filings = recorded(
        *(at(0, t) for t in ("08:30", "09:00", "09:30", "10:00")),
        at(1, "09:00"),
        at(4, "10:00"),
        at(4, "10:30"),
        at(7, "09:00"),
    )
    base = one_service(
        route, dict.fromkeys(("first", "second"), DESK), staff, filings, 28, promise=1, limit=2
    )
    return configuration(base, days=9)


ACTIVITIES = """
case  step      kind   joined        started       ended
0     check     task   Mon 08:30     Mon 08:30     Mon 17:30
0     opinion   delay  Mon 17:30     Mon 17:30     Tue 09:30
0     decision  task   Tue 09:30     Tue 09:30     Wed 09:30
1     check     task   Mon 09:00     Tue 08:30     Tue 17:30
1     opinion   delay  Tue 17:30     Tue 17:30     Wed 09:30
1     decision  task   Wed 09:30     Wed 09:30     Thu 09:30
2     check     task   Mon 09:30     Wed 08:30     Wed 17:30
2     opinion   delay  Wed 17:30     Wed 17:30     Thu 09:30
2     decision  task   Thu 09:30     Thu 09:30     Fri 09:30
3     check     task   Mon 10:00     -             Wed 11:00
4     check     task   Tue 09:00     Thu 08:30     Thu 17:30
4     opinion   delay  Thu 17:30     Thu 17:30     Fri 09:30
4     decision  task   Fri 09:30     Fri 09:30     w2 Mon 09:30
5     check     task   Fri 10:00     Fri 10:00     w2 Mon 10:00
5     opinion   delay  w2 Mon 10:00  w2 Mon 10:00  w2 Mon 11:00
5     decision  task   w2 Mon 11:00  w2 Mon 11:00  w2 Tue 11:00
6     check     task   Fri 10:30     w2 Mon 10:00  w2 Tue 10:00
6     opinion   delay  w2 Tue 10:00  w2 Tue 10:00  w2 Tue 11:00
6     decision  task   w2 Tue 11:00  w2 Tue 11:00  -
7     check     task   w2 Mon 09:00  w2 Tue 10:00  -
"""

CASES = """
case  outcome    ended         promise_clock  promise_out   limit_out
0     completed  Wed 09:30     420            never         never
1     completed  Thu 09:30     840            Wed 09:30     never
2     completed  Fri 09:30     1260           Wed 08:30     Thu 09:30
3     withdrawn  Wed 11:00     -              Wed 08:30     never
4     completed  w2 Mon 09:30  1260           Thu 08:30     Fri 09:30
5     completed  w2 Tue 11:00  510            w2 Tue 09:30  never
6     open       -             -              w2 Tue 08:30  never
7     open       -             -              never         never
"""
