"""Arrays in, estimates out: statistics that know no office and no run."""
