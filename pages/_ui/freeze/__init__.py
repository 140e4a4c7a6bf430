"""What Freeze shows."""
