"""What Results shows."""
