"""The frame of every page: layout, session state, chart frame, jobs, component loader. Nothing of one step alone."""
