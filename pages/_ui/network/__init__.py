"""What Network shows: cards and a table of the catalogue. The catalogue itself is the core's."""
