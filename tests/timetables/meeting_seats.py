"""A meeting with two seats; whoever joins at the session's instant is in time;
a session on a closed day moves.

The committee is planned for Monday, Thursday and the second Tuesday at 10:00.
Thursday is a holiday: it sits on Friday.

Case 0 waits from Monday 09:30, cases 1 and 2 join at 10:00, the session's instant.
Seats go by the order of joining, then
   by case: 0 and 1 are heard, 2 waits for Friday (four days = 5760 minutes).
Case 3 joins on Tuesday at 12:00, case 4 on Wednesday at 08:00.
On Friday 2 and 3 are heard (3 after 70 hours = 4200
   minutes), 4 on the second Tuesday (146 hours = 8760 minutes).
"""

from govsim.organisation.nouns import Configuration, Meet, Meeting
from plain import DESK, at, configuration, group, one_service, recorded, weekly


def organisation() -> Configuration:
    filings = recorded(
        at(0, "09:30"), at(0, "10:00"), at(0, "10:00"), at(1, "12:00"), at(2, "08:00")
    )
    committee = {"committee": Meeting("office", 600.0, dates=(0, 3, 8), seats=2)}
    hours = {"office": weekly(28, closed=(3,))}
    clerks = {"clerk": group({"desk": 1.0})}
    route = [Meet("hearing", "committee")]
    return configuration(
        one_service(route, {"desk": DESK}, clerks, filings, 28, hours, meetings=committee), days=28
    )


ACTIVITIES = """
case  step     kind     member  joined     started       ended
0     hearing  meeting  -       Mon 09:30  Mon 10:00     Mon 10:00
1     hearing  meeting  -       Mon 10:00  Mon 10:00     Mon 10:00
2     hearing  meeting  -       Mon 10:00  Fri 10:00     Fri 10:00
3     hearing  meeting  -       Tue 12:00  Fri 10:00     Fri 10:00
4     hearing  meeting  -       Wed 08:00  w2 Tue 10:00  w2 Tue 10:00
"""

CASES = """
case  outcome    part_meeting  part_queue
0     completed  30            0
1     completed  0             0
2     completed  5760          0
3     completed  4200          0
4     completed  8760          0
"""
