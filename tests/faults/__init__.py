"""Faults on purpose: links that break, processes that die, and the count of what was lost."""
