"""Boxes around things in pictures, as other programs write them down: read, put right, and written again."""
