"""Evidence: what a run shows, from replications to intervals, studies and verdicts.

Who gains and who loses, which lever did it, and how sure that is.
"""
