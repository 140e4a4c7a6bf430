"""What Pictures shows, and the picture widgets that later steps reuse."""
