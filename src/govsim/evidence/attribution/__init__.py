"""Which bundle of levers did it: every set of bundles, divided by Shapley value."""
