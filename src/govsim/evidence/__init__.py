"""Evidence: from replications to intervals, who gains and who loses, which lever did it, how sure,
and verdicts.
"""
