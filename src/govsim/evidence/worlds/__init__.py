"""The claims in many worlds: how often they hold, what decides, what is worth measuring."""
