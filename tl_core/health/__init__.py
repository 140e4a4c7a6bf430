"""What is wrong with the images before training. Reads pixels and the manifest, never a network."""
