"""Why a run's model predicts what it does for a text: asked of the interactive worker, which keeps recent models."""

import threading
from pathlib import Path
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from tl_core.errors import InputError
from tl_core.evaluation import predict
from tl_core.explain import words
from tl_core.explain.text_lens import TextLens
from tl_core.explain.words import Word, Words
from tl_core.language import _
from tl_core.networks import examples
from tl_core.runs import RunFolder
from tl_core.text import cleaning

_lenses: WeakKeyDictionary[predict.Model, TextLens] = WeakKeyDictionary()
_making = threading.Lock()


def why_words(run_folder: str | Path, text: str, label: str | None = None) -> Words:
    """Say which words of a text speak for a class, and which against it.

    Args:
        run_folder: folder of a run on texts that has a model.
        text: of any length; only what the network reads is looked at.
        label: the class; None for the one that the model predicts.

    Raises:
        InputError: there is no word in the text, or no such class.
        NotFoundError: the run has no model yet.
    """
    run = RunFolder(Path(run_folder))
    model, tokenizer = predict.load(run), examples.tokenizer(run.recipe.backbone)
    chosen = None if label is None else model.number(label)
    text = cleaning.kept(text)
    pieces = tokenizer.words(text, len(text) + 2)[1:-1]
    if not pieces:
        raise InputError(_("There is no text. Write at least one word."))
    whole = words.joined(text, pieces)
    ids = tokenizer.encode([text], min(model.size, len(pieces) + 2))[0]
    read = [[piece for piece in word if piece < len(ids) - 2] for word in whole if word[0] < len(ids) - 2]
    at_a_time = words.together(len(read), len(ids))
    lens = _lens(model)
    odds = lens.log_odds(words.versions(ids, read, at_a_time))
    chosen = int(odds[0].argmax()) if chosen is None else chosen
    before, after = odds[0, chosen], np.repeat(odds[1:, chosen], at_a_time)
    gradient = lens.gradient(ids, chosen)[1:-1]
    return Words(
        text=text,
        label=model.classes[chosen],
        probabilities=dict(zip(model.classes, _probability(odds[0]).tolist(), strict=True)),
        words=tuple(
            Word(
                start=pieces[word[0]][0],
                end=pieces[word[-1]][1],
                left_out=float(before - without),
                probability=float(_probability(without)),
                gradient=float(gradient[word].sum()),
            )
            for word, without in zip(read, after[: len(read)], strict=True)
        ),
        whole=len(whole),
        together=at_a_time,
    )


def _probability(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probability of log-odds."""
    return np.exp(-np.logaddexp(0, -odds))


def _lens(model: predict.Model) -> TextLens:
    with _making:
        if model not in _lenses:
            _lenses[model] = TextLens(model.network)
        return _lenses[model]
