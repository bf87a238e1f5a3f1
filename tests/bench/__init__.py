"""Measurements of whole jobs against yardsticks, run by hand: ``python -m tests.bench``."""
