"""The notebook of runs: all runs of a project side by side, on the same pictures, and what changed between them."""
