"""What stands behind a "?" on more than one page."""

GUESSING = "The accuracy of always saying the largest class."
INTERVAL = (
    "With other pictures of the same kind, the accuracy is probably in this range (Wilson interval). "
    "More pictures make it narrower."
)
SEALED = "For the final test. Training never uses them; they stay sealed until you open them on Results."
