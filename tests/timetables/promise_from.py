"""A promise that runs from a cut-off: the promise clock starts on the working day after the
cut-off, the legal clock earlier.

Route: accepted, intake (30 minutes), the cut-off (a meeting on Wednesday at 10:00),
handling (630 minutes of work), decided.

Monday 09:00 accepted; intake until 09:30; waits for Wednesday 10:00 (48.5 hours = 2910 minutes).
Handling: Wednesday 10:00-12:00 and 14:00-17:30 = 330, Thursday 210 until noon and 90 from 14:00:
decided on Thursday 15:30. Legal clock: Tuesday 420, Wednesday 420, Thursday 300 = 1140. Promise
clock: from Thursday 08:30: 300, less than the one day
promised; the limit of two days was used up at closing on Wednesday and ran out on Thursday 08:30.
Closed while handled: lunch 120, night 900, lunch 120 = 1140.
"""

from govsim.organisation.nouns import Configuration, Mark, Meet, Meeting, Task
from plain import DESK, at, configuration, constant, group, one_service, recorded


def organisation() -> Configuration:
    route = (
        Mark("accept", "accepted"),
        Task("intake", "desk", constant(30.0)),
        Meet("cut_off", "board"),
        Task("handling", "desk", constant(630.0)),
        Mark("decide", "decided"),
    )
    board = {"board": Meeting("office", 600.0, dates=(2,))}
    clerk = {"clerk": group({"desk": 1.0})}
    filings = recorded(at(0, "09:00"))
    base = one_service(
        route,
        {"desk": DESK},
        clerk,
        filings,
        28,
        meetings=board,
        promise=1,
        limit=2,
        promise_from="cut_off",
    )
    return configuration(base, days=28)


ACTIVITIES = """
case  step      kind     joined     started    ended
0     intake    task     Mon 09:00  Mon 09:00  Mon 09:30
0     cut_off   meeting  Mon 09:30  Wed 10:00  Wed 10:00
0     handling  task     Wed 10:00  Wed 10:00  Thu 15:30
"""

CASES = """
case  accepted   decided    part_service  part_closed  part_meeting  legal_clock  promise_clock \
  promise_out  limit_out
0     Mon 09:00  Thu 15:30  660           1140         2910          1140         300 \
  never        Thu 08:30
"""
