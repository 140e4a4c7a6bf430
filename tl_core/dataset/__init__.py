"""One image and the versioned list of images: decode, hash, duplicates, split, edit. Not how images get here."""
