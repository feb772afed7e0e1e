"""One applicant's way through the offices, before and after, on one calendar."""
