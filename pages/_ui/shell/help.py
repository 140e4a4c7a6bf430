"""What stands behind a "?" on more than one page."""

from tl_core.metrics.intervals import RATE_INTERVAL

GUESSING = "The accuracy of always saying the largest class."
INTERVAL = (
    f"With other pictures of the same kind, the accuracy is probably in this range ({RATE_INTERVAL}). "
    "More pictures make it narrower."
)
SEALED = "For the final test. Training never uses them; they stay sealed until you open them on Results."
