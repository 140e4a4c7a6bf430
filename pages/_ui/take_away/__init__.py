"""What Take away shows: what can be made of a run, and how it answers elsewhere. ``tl_core.export`` makes it."""
