"""Numbers about predictions: arrays in, numbers out. Knows no run, no file, no network."""
