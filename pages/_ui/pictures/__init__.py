"""What Pictures shows, and the picture widgets that later steps reuse. Nothing that needs a trained model."""
