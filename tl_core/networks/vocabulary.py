"""The vocabulary of a network for texts: ``wordpiece`` with a file, which may be the wrong one."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

from tl_core.errors import InputError
from tl_core.language import _
from tl_core.networks.wordpiece import FIRST, LAST, PAD, UNKNOWN, WordPieces


class Tokenizer(WordPieces):
    """Word pieces of a vocabulary that has been looked at.

    Args:
        vocabulary: as ``WordPieces`` takes it.
        lower: whether capitals and accents make no difference ("uncased").

    Raises:
        InputError: the vocabulary lacks a special piece, or its padding is not number 0.
    """

    def __init__(self, vocabulary: Sequence[str], lower: bool) -> None:
        super().__init__(vocabulary, lower)
        if missing := [piece for piece in (PAD, UNKNOWN, FIRST, LAST) if piece not in self._ids]:
            raise InputError(
                _("The vocabulary has no {missing}. Choose the vocab.txt that belongs to the network.").format(
                    missing=(" " + _("and") + " ").join(missing)
                )
            )
        if self._ids[PAD] != 0:
            raise InputError(
                _("In the vocabulary, {pad} is number {number}. Thaw reads those in which it is number 0.").format(
                    pad=PAD, number=self._ids[PAD]
                )
            )

    @classmethod
    def load(cls, path: Path, lower: bool) -> Self:
        """Return the tokenizer of a ``vocab.txt``: one piece a line, in UTF-8.

        Raises:
            InputError: the file cannot be read, or is no such vocabulary.
        """
        try:
            lines = path.read_bytes().decode("utf-8").removesuffix("\n").split("\n")
        except (OSError, UnicodeDecodeError) as exc:
            raise InputError(
                _("The vocabulary {path} cannot be read: {reason}.").format(path=path, reason=exc)
            ) from exc
        return cls([line.removesuffix("\r") for line in lines], lower)

    @property
    def size(self) -> int:
        """The number of pieces."""
        return len(self._ids)

    @property
    def has_capitals(self) -> bool:
        """Whether any piece has a capital letter, special ones aside."""
        return any(piece != piece.lower() for piece in self._ids if not piece.startswith("["))

    @property
    def special(self) -> dict[str, int]:
        """The numbers of the special pieces."""
        return {piece: self._ids[piece] for piece in (PAD, UNKNOWN, FIRST, LAST)}
