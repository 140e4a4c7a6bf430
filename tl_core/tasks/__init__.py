"""Kinds of task: what is told apart, and all that is special to it. Not the steps, which are the same for all."""
