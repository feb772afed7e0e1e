"""The report: a run and its verdicts as one HTML file."""
