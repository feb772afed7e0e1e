"""The conditions of claims: read from the file, and each judged by what a run shows."""
