"""What Home shows: ways to begin, projects, interrupted jobs. Not how pictures come in."""
