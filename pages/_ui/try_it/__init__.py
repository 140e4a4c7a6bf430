"""What Try it shows: pictures in, predictions out. Nothing of it is added to the project."""
