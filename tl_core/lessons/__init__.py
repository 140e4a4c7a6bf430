"""Lessons: each asks for a guess, runs what answers it on pictures that every installation has, and compares."""
