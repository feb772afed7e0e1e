"""The replications of a run as arrays, and what is read off them for weights of replications."""
