"""The room: how people come in, and what its teacher sees and does."""
