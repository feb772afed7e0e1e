"""A verdict on every claim that the scenario declared, with its reasons."""
