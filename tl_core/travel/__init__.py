"""Projects, data sets and predictions as files that travel: what goes out, and what comes in is checked."""
