"""What goes with the exported model of a run on texts: its tokenizer, a program that asks it, and how to use both."""

import json
from dataclasses import dataclass
from pathlib import Path

from tl_core import wording
from tl_core.evaluation import unknowns
from tl_core.export import formats, picture_bundle, readme, refusal, subjects, templates
from tl_core.export.formats import Format
from tl_core.export.markdown import escape
from tl_core.language import SOURCE, written_in
from tl_core.networks import bert_weights, examples, tables, text_catalogue, wordpiece
from tl_core.networks.text_catalogue import VOCABULARY, TextNetwork
from tl_core.runs import RunFolder

#: The program; ``prover`` runs it.
PROGRAM = "predict.py"
#: What each file is.
FILES = {
    PROGRAM: "a program that asks the model; other programs may import `answers` from it",
    "wordpiece.py": "its tokenizer: makes the numbers of word pieces of a text",
    VOCABULARY: "the word pieces, one a line, in the order of their numbers",
    "tokenizer_config.json": "how a text is read: whether capitals matter, how many word pieces, the special ones",
    "classes.json": "the classes, in the order of the output",
    "card.md": picture_bundle.CARD,
}


@dataclass(frozen=True, kw_only=True)
class Running:
    """How Python runs a format.

    Attributes:
        imports: the module.
        load: line that loads ``{file}``.
        ask: what gives the list of its outputs for ``ids``, ``(n, length)`` int32; ``{names}`` has their names' place.
        familiarity: whether the second of them is how familiar a text is.
        fixed: whether it takes one text at a time, and of one length only.
    """

    imports: str
    load: str
    ask: str
    familiarity: bool
    fixed: bool = False


LITERT = Running(
    imports="from ai_edge_litert.interpreter import Interpreter",
    load='MODEL = Interpreter(model_path=str(HERE / "{file}")).get_signature_runner()',
    ask="zip(*[[MODEL(ids=row[None])[name][0] for name in {names}] for row in ids])",
    familiarity=True,
    fixed=True,
)
#: By the id of the format. What a kind of task can be made into says its table.
RUNNING = {
    "keras": Running(
        imports="import keras",
        load='MODEL = keras.saving.load_model(HERE / "{file}")',
        ask="[MODEL.predict(ids, verbose=0)]",
        familiarity=False,
    ),
    "litert": LITERT,
    "litert-f16": LITERT,
    "onnx": Running(
        imports="import onnxruntime",
        load='MODEL = onnxruntime.InferenceSession(HERE / "{file}", providers=["CPUExecutionProvider"])',
        ask='MODEL.run({names}, {{"ids": ids}})',
        familiarity=True,
    ),
}


def is_for(run: RunFolder) -> bool:
    """Return whether a run is on texts."""
    return tables.takes_texts(run.recipe.backbone)


def contents(run: RunFolder, chosen: Format, proved: str) -> dict[str, str]:
    """Return what lies beside the model, by name; ``proved`` says how it answers. Errors are those of ``asking``."""
    return {**asking(run, chosen), "README.md": about(run, chosen, proved)}


def lay_out(run: RunFolder, chosen: Format, folder: Path) -> None:
    """Write all that the program needs beside the model, which lies in the folder.

    Raises:
        MissingWeightsError: the vocabulary of the network is not on this machine.
        OSError: the disk is full.
    """
    for name, text in asking(run, chosen).items():
        (folder / name).write_bytes(text.encode())


def asking(run: RunFolder, chosen: Format) -> dict[str, str]:
    """Return the program that asks the model, and all that it needs, by name. Raises MissingWeightsError."""
    return {**reads(run), PROGRAM: program(run, chosen)}


def reads(run: RunFolder) -> dict[str, str]:
    """Return all that reads a text, and the classes, by the names of the files. Raises MissingWeightsError."""
    network = text_catalogue.get(run.recipe.backbone)
    return {
        VOCABULARY: bert_weights.vocabulary(network).decode(),
        "wordpiece.py": Path(wordpiece.__file__).read_text(encoding="utf-8"),
        "tokenizer_config.json": _json(reading(run, network)),
        "classes.json": _json(run.classes),
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def reading(run: RunFolder, network: TextNetwork) -> dict[str, object]:
    """Return how a text is read, by the names that the library Transformers has for it, and the special pieces."""
    tokenizer = examples.tokenizer(network.id)
    return {
        "tokenizer_class": "BertTokenizer",
        "do_lower_case": network.lower,
        "model_max_length": run.recipe.image_size,
        "special_ids": tokenizer.special,
    }


def program(run: RunFolder, chosen: Format) -> str:
    """Return the program that prints the probabilities of texts."""
    running, rule = RUNNING[chosen.id], refusal.of(run)
    holds = rule is not None and running.familiarity
    names = [refusal.PROBABILITIES, *([refusal.FAMILIARITY] if holds else [])]
    return templates.render(
        "predict_texts.py.jinja",
        pinned=" ".join(chosen.pinned(["numpy"])),
        imports=running.imports,
        load=running.load.format(file=chosen.file),
        ask=running.ask.format(names=json.dumps(names)),
        threshold=f"{rule.threshold:.4f}" if rule and holds else "",
    )


@written_in(f"{SOURCE}@texts")
def about(run: RunFolder, chosen: Format, proved: str) -> str:
    """Return what the bundle holds and how to use it."""
    network, report = text_catalogue.get(run.recipe.backbone), run.report()
    licence = f" Its licence is {network.licence}." if network.licence else ""
    calibrated = (
        f"The temperature, {report.temperature:.3g}, is inside the model: its probabilities are final."
        if report
        else ""
    )
    shape = f"(1, {run.recipe.image_size})" if RUNNING[chosen.id].fixed else "(n, length)"
    words = readme.Words(
        files=FILES,
        takes=[
            f"The model takes the numbers of word pieces, int32 `{shape}`, 0 after the end of a text{_called(chosen)}. "
            "`wordpiece.py` makes them.",
            f"Of a text it reads at most {run.recipe.image_size} word pieces, `[CLS]` and `[SEP]` included; "
            "the rest is left out.",
            f"It returns {len(run.classes)} numbers for a text: the probability of each class.",
            *([calibrated] if calibrated else []),
            f"The network is {escape(network.title)}, by {subjects.source(network)}.{licence}",
        ],
        typed=[
            f"python -m pip install {' '.join(chosen.pinned(['numpy']))}",
            f'python {PROGRAM} "A text." "Another text."',
        ],
        said=["Without a text it reads them from standard input, one a line. It needs no network."],
        refusal=_none_of_these(run, chosen),
    )
    return readme.text(run, chosen, words, proved)


def _called(chosen: Format) -> str:
    return ", under the name `ids`" if RUNNING[chosen.id].familiarity else ""


def _none_of_these(run: RunFolder, chosen: Format) -> list[str]:
    rule = refusal.of(run)
    if rule is None:
        return ["The app refuses no text for this model."]
    if not RUNNING[chosen.id].familiarity:
        holding = [formats.get(each).title for each, row in RUNNING.items() if row.familiarity]
        return [
            f"This file does not hold the rule by which the app refuses strange texts. These do: {', '.join(holding)}."
        ]
    return [
        "Beside the probabilities it gives `familiarity`, one number for a text. Answer “none of these” if",
        "",
        f"    familiarity < {rule.threshold:.4f}",
        "",
        "It is similarity × √probability. `probability` is the largest one. `similarity` is the mean cosine similarity "
        f"of what the head sees to the nearest training texts, {unknowns.NEAREST} of them.",
        f"About {wording.percent(unknowns.refused(run))} of new texts of the classes are refused by mistake.",
    ]
