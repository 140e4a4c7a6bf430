"""What Results shows: one file a view. The figures are counted in the core."""
