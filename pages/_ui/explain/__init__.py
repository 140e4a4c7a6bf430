"""“Why” panels that Results and Try it share: heat maps and the one opened picture. Not when they are asked for."""
