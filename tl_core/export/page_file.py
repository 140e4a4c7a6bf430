"""One HTML file with a model, TensorFlow.js to run it, and what is said of it: it asks nobody for anything.

``assets/web`` holds its looks and its words. It squashes pictures as ``dataset.image.pixels`` does. What a browser does
itself is not quite the same: it decodes a JPEG at full size, and makes a picture of more than 1024 pixels smaller in
its own way. Loads no TensorFlow.
"""

import base64
import gzip
import html
import json
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path

from tl_core import language
from tl_core.export import page_texts
from tl_core.metrics import overlap

WEB = Path(__file__).parents[2] / "assets" / "web"
RUNTIME = WEB / "runtime"
#: Version of TensorFlow.js that lies there.
TFJS = "4.22.0"
#: What of TF.js a page needs, in this order: tensors, graph models, WebAssembly; and its code for processors with SIMD.
SCRIPTS = ("tf-core.es2017.min.js", "tf-converter.es2017.min.js", "tf-backend-wasm.es2017.min.js")
WASM = "tfjs-backend-wasm-simd.wasm"


@dataclass(frozen=True, kw_only=True)
class GraphModel:
    """A model as TF.js loads it.

    Attributes:
        description: the content of ``model.json``.
        weights: the content of ``weights.bin``.
    """

    description: bytes
    weights: bytes


@dataclass(frozen=True, kw_only=True)
class Looks:
    """What a page is made of that takes one kind of example.

    Attributes:
        stage: the file with what takes the place of the examples.
        scripts: in their order.
        input: what the input of its model is called.
    """

    stage: str
    scripts: tuple[str, ...]
    input: str


#: By what is given to a page.
LOOKS = {
    "pictures": Looks(
        stage="pictures.html",
        scripts=("preprocess.js", "model.js", "saying.js", "answer.js", "pictures.js"),
        input="image",
    ),
    "boxes": Looks(
        stage="pictures.html",
        scripts=("preprocess.js", "suppression.js", "model.js", "saying.js", "boxes.js", "pictures.js"),
        input="image",
    ),
    "texts": Looks(
        stage="texts.html", scripts=("wordpiece.js", "model.js", "saying.js", "answer.js", "texts.js"), input="ids"
    ),
}


@dataclass(frozen=True, kw_only=True)
class PageAbout:
    """What the scripts of a page are given.

    Attributes:
        title: the heading.
        classes: names in the order of the model's output.
        size: side of the pictures that the model takes, in pixels; of a text, how many word pieces.
        sentence: of the author's; "" for none.
        accuracy: how good the model is, in words.
        facts: what else is said, sentences.
        refuses: whether it says "none of these"; the model then has the output ``features``, too.
        features: how many a picture has.
        threshold: pictures that are less familiar are refused.
        bars: so many classes are shown with their probability, the most likely first.
        thresholds: from which probability on each class is given, where several may be, or none; else empty.
        takes: key of ``LOOKS``.
        lower: of a network for texts, whether capitals and accents make no difference.
        confidence: from which on boxes are shown, until a person chooses another one, 0 to 1.
        least, most, overlap: of boxes: the least confidence, how many of a picture, and by how much two of a class may
            overlap; see ``metrics.overlap``.
    """

    title: str
    classes: list[str]
    size: int
    sentence: str = ""
    accuracy: str = ""
    facts: list[str] = field(default_factory=list)
    refuses: bool = False
    features: int = 0
    threshold: float = 0.0
    bars: int = 5
    thresholds: list[float] = field(default_factory=list)
    takes: str = "pictures"
    lower: bool = False
    confidence: float = 0.0
    least: float = overlap.LEAST
    most: int = overlap.MOST
    overlap: float = overlap.OVERLAP


def carried() -> dict[str, Path]:
    """Return what the bundle of a TF.js model carries so that its example runs: where each file lies, by its name."""
    runtime = {f"runtime/{path.name}": path for path in sorted(RUNTIME.iterdir())}
    return {"runtime/preprocess.js": WEB / "preprocess.js", **runtime}


def example(name: str = "example.html") -> dict[str, str]:
    """Return the page in that bundle that answers for a picture, by its name; ``name`` is that of its source."""
    return {"example.html": (WEB / name).read_text(encoding="utf-8")}


def suppression() -> str:
    """Return the script that takes boxes out which overlap."""
    return _text("suppression.js")


def page(about: PageAbout, graph: GraphModel, known: bytes = b"", vocabulary: bytes = b"") -> bytes:
    """Return the HTML file.

    Args:
        about: what it says.
        graph: its model.
        known: features of the training pictures, ``(n, about.features)`` int8, each row on a scale of its own.
        vocabulary: the word pieces of a network for texts, one a line.
    """
    looks = LOOKS[about.takes]
    words = page_texts.words(max(0, len(about.classes) - about.bars))
    parts = {
        "language": language.current(),
        "words": _inside_script(json.dumps(words, ensure_ascii=False)),
        **{f"words_{key}": html.escape(text) for key, text in words.items()},
        "title": html.escape(about.title),
        "icon": base64.b64encode((WEB.parent / "icon.svg").read_bytes()).decode(),
        "licence": html.escape((RUNTIME / "LICENSE").read_text(encoding="utf-8")),
        "about": _inside_script(json.dumps(asdict(about) | {"input": looks.input}, ensure_ascii=False)),
        "runtime": _packed(b";\n".join(_without_map(RUNTIME / name) for name in SCRIPTS)),
        "wasm": _packed((RUNTIME / WASM).read_bytes()),
        "description": _packed(graph.description),
        "weights": _packed(graph.weights),
        "known": _packed(known),
        "vocabulary": _packed(vocabulary),
        "style": _text("style.css"),
        "scripts": "\n".join(map(_text, looks.scripts)),
    }
    whole = _text("page.html").replace("{{stage}}", _text(looks.stage))
    return re.sub(r"\{\{(\w+)\}\}", lambda place: parts[place[1]], whole).encode()


def _text(name: str) -> str:
    return (WEB / name).read_text(encoding="utf-8")


def _without_map(path: Path) -> bytes:
    """Return a script without its last line, which names a file for debuggers that the page does not have."""
    return path.read_bytes().rsplit(b"\n//# sourceMappingURL=", 1)[0]


def _packed(content: bytes) -> str:
    return base64.b64encode(gzip.compress(content, mtime=0)).decode()


def _inside_script(text: str) -> str:
    """Return JSON in which no text can end the script element around it."""
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
