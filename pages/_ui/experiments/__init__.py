"""What Experiments shows: a row for each kind of experiment, its progress, its result."""
