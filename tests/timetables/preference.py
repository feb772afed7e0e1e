"""A helper goes to the desk that their group prefers first, whoever has waited longer elsewhere.

The specialist serves `other` at normal speed. The helper serves `own` gladly (preference 1) and
`other` less gladly (preference 2) at half speed. A task takes 20 minutes, so the helper's at
`other` take 40.

09:00 theirs (case 0): the specialist prefers `other`, the helper does not: the specialist, until
09:20. 09:05 theirs (case 1): only the helper is idle: until 09:45. 09:10 theirs (case 2) waits; the
specialist takes it at 09:20, until 09:40. 09:25 theirs (case 3) waits; the specialist takes it at
09:40, until 10:00. 09:26 theirs (case 4) and 09:30 mine (case 5) wait. At 09:45 the helper is free:
`own` comes first (preference 1), although
   case 4 has waited longer: case 5 until 10:05. Case 4 is taken by the specialist at 10:00,
   until 10:20.
11:00 two of theirs (cases 6 and 7): the specialist takes the lower number,
the helper the other one, until 11:40.
"""

from govsim.organisation.nouns import Configuration, Serve, Service, Task
from plain import DESK, at, configuration, constant, group, recorded, weekly
from plain import organisation as describe


def organisation() -> Configuration:
    theirs = recorded(
        *(at(0, t) for t in ("09:00", "09:05", "09:10", "09:25", "09:26", "11:00", "11:00"))
    )
    services = {
        "theirs": Service("hall", "office", theirs, (Task("check", "other", constant(20.0)),)),
        "mine": Service(
            "hall", "office", recorded(at(0, "09:30")), (Task("check", "own", constant(20.0)),)
        ),
    }
    staff = {
        "helper": group({"own": 1.0, "other": Serve(0.5, 2)}),
        "specialist": group({"other": 1.0}),
    }
    return configuration(
        describe({"own": DESK, "other": DESK}, staff, services, {"office": weekly(28)}), days=28
    )


ACTIVITIES = """
case  desk   member        joined     started    ended
0     other  specialist 1  Mon 09:00  Mon 09:00  Mon 09:20
1     other  helper 1      Mon 09:05  Mon 09:05  Mon 09:45
2     other  specialist 1  Mon 09:10  Mon 09:20  Mon 09:40
3     other  specialist 1  Mon 09:25  Mon 09:40  Mon 10:00
4     other  specialist 1  Mon 09:26  Mon 10:00  Mon 10:20
5     own    helper 1      Mon 09:30  Mon 09:45  Mon 10:05
6     other  specialist 1  Mon 11:00  Mon 11:00  Mon 11:20
7     other  helper 1      Mon 11:00  Mon 11:00  Mon 11:40
"""

CASES = """
case  service  part_service  part_queue
0     theirs   20            0
1     theirs   40            0
2     theirs   20            10
3     theirs   20            15
4     theirs   20            34
5     mine     20            15
6     theirs   20            0
7     theirs   40            0
"""
