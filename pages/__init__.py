"""What a person sees: one file per step, and ``_ui`` for what the steps share."""
