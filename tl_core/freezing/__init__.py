"""What a freeze line costs, and which line suits the data. Where a line can be is networks'."""
