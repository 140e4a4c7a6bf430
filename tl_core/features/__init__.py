"""Activations of the frozen trunk: compute, cache, feed to Keras. Not which trunk, nor what is learned from them."""
