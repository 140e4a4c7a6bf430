"""What Train shows: the options, the run with its curves, what to try next. Not what the run is worth."""
