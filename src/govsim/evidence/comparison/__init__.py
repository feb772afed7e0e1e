"""Two configurations of a run: who gains, who loses, where the time goes."""
