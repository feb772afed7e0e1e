"""Replications of configurations, on threads, into a store."""
