"""Experiments: the same pictures, several ways to learn from them, and what the difference is worth."""
