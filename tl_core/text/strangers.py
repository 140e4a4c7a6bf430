"""Sentences of many things, to see whether a model refuses what is none of its classes. Written for Thaw."""

#: What each is about, and what it says.
STRANGERS = {
    "cooking": "Stir two eggs into the flour and let the dough rest for half an hour.",
    "weather": "Fog in the valleys will clear by noon, with light winds from the west.",
    "astronomy": "The moons of Jupiter were seen through a telescope in 1610.",
    "sailing": "Ease the sheet a little and keep the bow into the wind.",
    "geometry": "The angles of a triangle add up to two right angles.",
    "gardening": "Cut the roses back in early spring, above a bud that faces outwards.",
    "history": "The bridge was built by monks in the twelfth century and burned twice.",
    "football": "They equalised in the last minute with a header from a corner.",
    "music": "The second movement begins with a solo of the oboe in a minor key.",
    "geology": "Basalt forms where lava cools quickly at the surface.",
    "chess": "White gives up a pawn to bring the bishop onto the long diagonal.",
    "knitting": "Cast on forty stitches and knit every row until the piece is square.",
}
