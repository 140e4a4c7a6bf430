"""The model as one HTML file that answers in any browser and asks nobody for anything.

``assets/web`` holds the page: its looks, its words, and TensorFlow.js. Everything is put inside, so that it opens from
a USB stick. It squashes pictures as ``dataset.image.pixels`` does. What a browser does itself is not quite the same: it
decodes a JPEG at full size, and makes one larger than 1024 pixels smaller in its own way.
"""

import base64
import gzip
import html
import json
import re
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from tl_core.evaluation import inference, unknowns
from tl_core.export import page_words, tfjs
from tl_core.export.tfjs import GraphModel
from tl_core.files import write_bytes
from tl_core.networks import saved, taps
from tl_core.progress import Progress
from tl_core.runs import RunFolder

WEB = Path(__file__).parents[2] / "assets" / "web"
RUNTIME = WEB / "runtime"
#: Training pictures that a picture is compared with at most: each takes as many bytes as it has features.
MOST_KNOWN = 2000
#: By so much a page may find a picture less familiar than the app does: its numbers have fewer bits. The threshold is
#: lower by as much, since it is the score of a picture that the app answers for.
ROUNDING = 0.002


def make(run: RunFolder, target: Path, progress: Progress) -> None:
    """Write the page of a run.

    Args:
        run: whose model it shows.
        target: the HTML file.
        progress: hears how far predicting is, where that was not done before.

    Raises:
        NotFoundError: the run has no model yet.
        InputError: TF.js does not know an operation of the network.
    """
    inference.ensure(run, progress)
    graph = tfjs.convert(with_features(saved.of_run(run)))
    write_bytes(target, page(run, graph).encode())


def with_features(model: keras.Model) -> keras.Model:
    """Return a model with two outputs: ``probabilities``, and the ``features`` by which a picture is refused."""
    seen = taps.of(model)
    features = seen.pooled
    if features.shape[-1] != seen.channels:
        features = keras.layers.Reshape((-1, seen.channels))(features)
        features = keras.layers.GlobalAveragePooling1D()(features)
    return keras.Model(model.inputs[0], {"probabilities": model.outputs[0], "features": features})


def page(run: RunFolder, graph: GraphModel) -> str:
    """Return the page of a run, given its model with features."""
    known = unknowns.of(run, most=MOST_KNOWN)
    least = known.threshold(unknowns.refused(run)) if known else unknowns.ALL
    about = {
        "title": run.project.name,
        "sentence": page_words.sentence(run),
        "classes": run.classes,
        "size": run.recipe.image_size,
        "features": known.training.shape[1] if known else 0,
        "refuses": least > unknowns.ALL,
        "threshold": least - ROUNDING,
        "accuracy": page_words.accuracy(run),
        "facts": page_words.facts(run),
    }
    parts = {
        "title": html.escape(run.project.name),
        "icon": base64.b64encode((WEB.parent / "icon.svg").read_bytes()).decode(),
        "style": _text("page.css"),
        "licence": html.escape((RUNTIME / "LICENSE").read_text(encoding="utf-8")),
        "about": _inside_script(json.dumps(about, ensure_ascii=False)),
        "runtime": _packed(_without_map(RUNTIME / "tf.es2017.min.js")),
        "backend": _packed(_without_map(RUNTIME / "tf-backend-wasm.es2017.min.js")),
        "wasm": _packed((RUNTIME / "tfjs-backend-wasm-simd.wasm").read_bytes()),
        "description": _packed(graph.description),
        "weights": _packed(graph.weights),
        "known": _packed(_eight_bits(known.training).tobytes() if known and least > unknowns.ALL else b""),
        "preprocess": _text("preprocess.js"),
        "model": _text("model.js"),
        "page": _text("page.js"),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda place: parts[place[1]], _text("page.html"))


def _eight_bits(rows: NDArray[np.float32]) -> NDArray[np.int8]:
    """Return rows with whole numbers -127 to 127, each row on a scale of its own: only its direction counts."""
    largest = np.abs(rows).max(axis=1, keepdims=True)
    return np.rint(127 * rows / np.where(largest > 0, largest, 1)).astype(np.int8)


def _text(name: str) -> str:
    return (WEB / name).read_text(encoding="utf-8")


def _without_map(path: Path) -> bytes:
    """Return a script without its last line, which names a file for debuggers that the page does not have."""
    return path.read_bytes().rsplit(b"\n//# sourceMappingURL=", 1)[0]


def _packed(content: bytes) -> str:
    return base64.b64encode(gzip.compress(content, mtime=0)).decode()


def _inside_script(text: str) -> str:
    """Return JSON that no text in it can end the script element around it."""
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
