"""What a trained model says about images, and what that is worth. Why it says so is explain's."""
