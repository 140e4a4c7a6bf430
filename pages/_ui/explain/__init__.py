"""“Why” panels that Results and Try it share."""
