"""Nobody starts at the closing instant, and a window finishes what it has begun.

One window, one clerk, open Monday to Friday 08:30-12:00 and 14:00-17:30;
each visit takes 20 minutes.

Case 0 comes at 11:45 and starts at once. At 12:00 the office closes, but the window finishes:
12:05. Case 1 comes at 11:50. When the clerk is free it is 12:05 and closed: start at 14:00. Of the
130 minutes of waiting, 10
   are queue (11:50-12:00) and 120 are closed.
Case 2 comes at 17:10 and is finished at 17:30, exactly at closing time. Case 3 comes at 17:15. The
clerk is free at 17:30, but nobody starts at the closing instant: start on Tuesday at 08:30.
   Queue 15 minutes, closed 15 hours = 900 minutes.
Case 4 comes on Tuesday at 12:00, the closing instant: start at 14:00;
nothing of the waiting is queue.
"""

from govsim.organisation.nouns import Configuration, Task
from plain import WINDOW, at, configuration, constant, group, one_service, recorded


def organisation() -> Configuration:
    filings = recorded(
        at(0, "11:45"), at(0, "11:50"), at(0, "17:10"), at(0, "17:15"), at(1, "12:00")
    )
    clerks = {"clerk": group({"window": 1.0})}
    return configuration(
        one_service(
            [Task("visit", "window", constant(20.0))], {"window": WINDOW}, clerks, filings, 28
        ),
        days=28,
    )


ACTIVITIES = """
case  step   member   joined     started    ended
0     visit  clerk 1  Mon 11:45  Mon 11:45  Mon 12:05
1     visit  clerk 1  Mon 11:50  Mon 14:00  Mon 14:20
2     visit  clerk 1  Mon 17:10  Mon 17:10  Mon 17:30
3     visit  clerk 1  Mon 17:15  Tue 08:30  Tue 08:50
4     visit  clerk 1  Tue 12:00  Tue 14:00  Tue 14:20
"""

CASES = """
case  outcome    filed      ended      part_service  part_queue  part_closed
0     completed  Mon 11:45  Mon 12:05  20            0           0
1     completed  Mon 11:50  Mon 14:20  20            10          120
2     completed  Mon 17:10  Mon 17:30  20            0           0
3     completed  Mon 17:15  Tue 08:50  20            15          900
4     completed  Tue 12:00  Tue 14:20  20            0           120
"""
