"""What Freeze shows: the line, its cost, the probe, the head. Blocks and figures come from the core."""
