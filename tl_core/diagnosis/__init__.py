"""Reading learning curves: findings, each with one change to try. Draws nothing and trains nothing."""
