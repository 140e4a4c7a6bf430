"""People who share one server: a workspace for each, the room that they are in, and what each may take of it."""
