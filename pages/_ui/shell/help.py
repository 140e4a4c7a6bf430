"""What stands behind a "?" on more than one page; ``_`` gives it in a person's language."""

from tl_core.language import N_

GUESSING = N_("The accuracy of always saying the largest class.")
INTERVAL = N_(
    "With other pictures of the same kind, the accuracy is probably in this range (Wilson interval). "
    "More pictures make it narrower."
)
SEALED = N_("For the final test. Training never uses them; they stay sealed until you open them on Results.")
