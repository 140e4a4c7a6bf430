"""Pre-trained networks: the table, weights, build, graph, where to cut, the head on top. No data, no training loop."""
