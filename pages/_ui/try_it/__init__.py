"""What Try it shows."""
