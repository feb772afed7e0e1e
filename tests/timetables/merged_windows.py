"""Two windows whose clerks serve both with equal preference are one queue.

Windows north (permits, 30 minutes) and south (licences, 20 minutes);
clerks 1 and 2 serve both alike.

09:00 permit (case 0): both clerks idle since the start: the lower number, clerk 1, until 09:30.
09:02 licence (case 1): clerk 2 until 09:22. 09:04 licence (case 2), 09:05 permit (case 3), 09:06
permit (case 4) wait. 09:22 clerk 2 is free: the heads are case 2 (since 09:04) and case 3 (since
09:05): case 2, until 09:42. 09:30 clerk 1 is free: south is empty, north's head is case 3: until
10:00. 09:42 clerk 2 takes case 4: until 10:12. So all started in the order in which they came.
10:20 permit (case 5): clerk 1 has been idle since 10:00, clerk 2 since 10:12: clerk 1, until 10:50.
11:00 permit (case 6): clerk 2 has been idle since 10:12, clerk 1 since 10:50: clerk 2, although 1
is the lower number.
"""

from govsim.organisation.nouns import Configuration, Service, Task
from plain import WINDOW, at, configuration, constant, group, recorded, weekly
from plain import organisation as describe


def organisation() -> Configuration:
    permits = recorded(*(at(0, t) for t in ("09:00", "09:05", "09:06", "10:20", "11:00")))
    licences = recorded(at(0, "09:02"), at(0, "09:04"))
    services = {
        "permit": Service("hall", "office", permits, (Task("visit", "north", constant(30.0)),)),
        "licence": Service("hall", "office", licences, (Task("visit", "south", constant(20.0)),)),
    }
    desks = {"north": WINDOW, "south": WINDOW}
    staff = {"clerk": group({"north": 1.0, "south": 1.0}, 2)}
    return configuration(describe(desks, staff, services, {"office": weekly(28)}), days=28)


ACTIVITIES = """
case  desk   member   joined     started    ended
0     north  clerk 1  Mon 09:00  Mon 09:00  Mon 09:30
1     south  clerk 2  Mon 09:02  Mon 09:02  Mon 09:22
2     south  clerk 2  Mon 09:04  Mon 09:22  Mon 09:42
3     north  clerk 1  Mon 09:05  Mon 09:30  Mon 10:00
4     north  clerk 2  Mon 09:06  Mon 09:42  Mon 10:12
5     north  clerk 1  Mon 10:20  Mon 10:20  Mon 10:50
6     north  clerk 2  Mon 11:00  Mon 11:00  Mon 11:30
"""

CASES = """
case  service  part_service  part_queue
0     permit   30            0
1     licence  20            0
2     licence  20            18
3     permit   30            25
4     permit   30            36
5     permit   30            0
6     permit   30            0
"""
