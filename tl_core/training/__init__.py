"""One run, from recipe.json to model.keras. Not the networks, nor what the model is worth."""
