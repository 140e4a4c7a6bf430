"""Runs: all of them in one table, side by side, and what can be done with one."""
