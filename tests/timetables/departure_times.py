"""Paper leaves with the van at 10:00 and 15:00 on working days and then travels 90 working minutes;
the wire takes 5.

The front desk takes a file in (10 minutes), the bureau works on it (30 minutes);
08:30-12:00 and 14:00-17:30.

Case 0, Monday 09:00: taken until 09:10, leaves at 10:00, arrives at 11:30; worked on until noon.
Transfer 140 minutes. Case 1, 09:50: taken until 10:00: in time for the van that leaves at 10:00. At
11:30 both files join; the lower case is
   first. Case 1 waits until noon (30 queue) and over lunch (120 closed): 14:00-14:30.
   Transfer 90 minutes.
Case 2, 14:30: taken until 14:40, leaves at 15:00, arrives at 16:30; until 17:00. Transfer 110. Case
3, 15:00: taken until 15:10, leaves on Tuesday at 10:00, arrives at 11:30; until noon. Transfer 20 h
20 min = 1220. Case 4 (by wire), Tuesday 13:00: there at 13:05; the bureau opens at 14:00 (55
minutes closed): until 14:30. Case 5, Friday 15:30: taken until 15:40; the next van leaves on Monday
at 10:00, arrives at 11:30. 67 h 50 min = 4070.
"""

from govsim.organisation.nouns import Configuration, Desk, Path, Service, Task, Transfer
from plain import DESK, at, clock, configuration, constant, group, recorded, weekly, working
from plain import organisation as describe


def organisation() -> Configuration:
    def send(paper: float) -> Transfer:
        return Transfer(
            "send",
            "bureau",
            Path(paper),
            working(constant(90.0)),
            clock(constant(5.0)),
            (600.0, 900.0),
        )

    work = Task("work", "back", constant(30.0))
    filings = recorded(
        at(0, "09:00"), at(0, "09:50"), at(0, "14:30"), at(0, "15:00"), at(4, "15:30")
    )
    services = {
        "on_paper": Service(
            "hall", "office", filings, (Task("take", "front", constant(10.0)), send(1.0), work)
        ),
        "by_wire": Service("hall", "office", recorded(at(1, "13:00")), (send(0.0), work)),
    }
    desks = {"front": DESK, "back": Desk("bureau", "review")}
    staff = {"front": group({"front": 1.0}), "back": group({"back": 1.0}, department="bureau")}
    departments = {"hall": "hall", "bureau": "bureau"}
    return configuration(
        describe(desks, staff, services, {"office": weekly(28)}, departments=departments), days=28
    )


ACTIVITIES = """
case  step  kind      variant     joined     started       ended
0     take  task      plain       Mon 09:00  Mon 09:00     Mon 09:10
0     send  transfer  paper       Mon 09:10  Mon 10:00     Mon 11:30
0     work  task      plain       Mon 11:30  Mon 11:30     Mon 12:00
1     take  task      plain       Mon 09:50  Mon 09:50     Mon 10:00
1     send  transfer  paper       Mon 10:00  Mon 10:00     Mon 11:30
1     work  task      plain       Mon 11:30  Mon 14:00     Mon 14:30
2     take  task      plain       Mon 14:30  Mon 14:30     Mon 14:40
2     send  transfer  paper       Mon 14:40  Mon 15:00     Mon 16:30
2     work  task      plain       Mon 16:30  Mon 16:30     Mon 17:00
3     take  task      plain       Mon 15:00  Mon 15:00     Mon 15:10
3     send  transfer  paper       Mon 15:10  Tue 10:00     Tue 11:30
3     work  task      plain       Tue 11:30  Tue 11:30     Tue 12:00
4     send  transfer  electronic  Tue 13:00  Tue 13:00     Tue 13:05
4     work  task      plain       Tue 13:05  Tue 14:00     Tue 14:30
5     take  task      plain       Fri 15:30  Fri 15:30     Fri 15:40
5     send  transfer  paper       Fri 15:40  w2 Mon 10:00  w2 Mon 11:30
5     work  task      plain       w2 Mon 11:30  w2 Mon 11:30  w2 Mon 12:00
"""

CASES = """
case  service   handovers  part_service  part_queue  part_closed  part_transfer  transfer_time
0     on_paper  1          40            0           0            140            140
1     on_paper  1          40            30          120          90             90
2     on_paper  1          40            0           0            110            110
3     on_paper  1          40            0           0            1220           1220
4     by_wire   1          30            0           55           5              5
5     on_paper  1          40            0           0            4070           4070
"""
