"""What Network shows."""
