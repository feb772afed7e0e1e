"""Limits: how much of everything a scenario may hold.

They hold for what the file itself says, and for what levers, variants and worlds reach.
"""

MEMBERS = 1000  # of a group
ATTEMPTS = 50  # of a review
FILINGS = 5_000_000  # of a service up to the horizon
DESKS = 126  # two words of bits in the compiled engine
DAYS = 40_000  # from the start to the horizon
LATEST_OF_MONTH = 28  # every month has this day
REPLICATIONS = 1_000_000  # of a run; and worlds of an experiment
EXPONENT = 10.0  # of a learning curve
SHORTEST_DAY, LONGEST_DAY = 1.0, 1440.0  # minutes of one working day
