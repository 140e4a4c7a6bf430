"""The table of everything that can be made of a run: a new format is a row here.

Command line, job and pages read it, so it loads no TensorFlow. The tests run over the whole table.
"""

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata

from tl_core.dataset import kinds
from tl_core.errors import InputError
from tl_core.language import N_, _
from tl_core.tasks import table
from tl_core.workspace import Project

#: Headings under which people see the formats, in order.
GROUPS = {
    "show": N_("To show"),
    "read": N_("To read"),
    "learn": N_("To learn"),
    "programs": N_("For programs"),
}


@dataclass(frozen=True, kw_only=True)
class Format:
    """What a run can be exported to.

    Attributes:
        id: names it on the command line and on the disk.
        title: for people.
        purpose: what it is for, one sentence.
        group: key of ``GROUPS``: under which heading people see it.
        file: name of what is made; a folder where the format is one.
        maker: ``"module:function"``, called as ``function(run, target, progress)``: writes the file ``target``. Any
            error but a ``TLError`` means that the format's converter does not know the network.
        packages: that run the file: their present versions are its pins.
        runtime: key of ``prover.RUNTIMES``, or one of ``page_proof.RUNTIMES``; None where the file cannot be run here,
            or is none to run.
        not_proved: why, if so, one sentence.
        document: whether it is something to read, and holds no trained model.
        name: what the file is called that is taken away; "" for ``<project>-<run>-<format>``.
        bundled: whether the file goes into a zip with labels, README, example and card; else it is taken away as it is.
        example: lines of Python that load the file and set ``probabilities``, ``(classes,)``, from ``pixels``,
            ``(1, side, side, 3)`` float32; what they import goes into ``imports``. ``file`` and ``output`` have their
            places.
        imports: module that the example imports.
        familiarity: line of Python after the example's that sets ``familiarity``, by which a picture is refused; ""
            where the file cannot hold it.
        takes: how it takes a picture; ``side`` has its place.
        in_browser: whether its example is a page, which comes with the runtime, and not Python.
        note: what a person should know who runs it, one or two sentences.
    """

    id: str
    title: str
    purpose: str
    file: str
    maker: str
    group: str = "programs"
    packages: tuple[str, ...] = ()
    runtime: str | None = None
    not_proved: str = ""
    document: bool = False
    name: str = ""
    bundled: bool = True
    example: tuple[str, ...] = ()
    imports: str = ""
    familiarity: str = ""
    takes: str = "float32 `(n, {side}, {side}, 3)` with values 0 to 255"
    in_browser: bool = False
    note: str = ""

    def pinned(self, more: Sequence[str] = ()) -> list[str]:
        """Return the packages that run the file, and ``more``, in their installed versions, as ``pip`` takes them."""
        return [f"{name}=={metadata.version(name)}" for name in (*self.packages, *more)]


_LITERT = (
    'answer = Interpreter(model_path="{file}").get_signature_runner()(picture=pixels)',
    'probabilities = answer["{output}"][0]',
)
_FAMILIARITY = 'familiarity = answer["familiarity"][0]'
_litert = functools.partial(
    Format,
    file="model.tflite",
    packages=("ai-edge-litert",),
    runtime="litert",
    example=_LITERT,
    imports="from ai_edge_litert.interpreter import Interpreter",
    takes="float32 `(1, {side}, {side}, 3)` with values 0 to 255",
)
_ONNX = (
    'session = onnxruntime.InferenceSession("{file}")',
    'probabilities = session.run(None, {{"picture": pixels}})[0][0]',
)
_onnx = functools.partial(
    Format,
    file="model.onnx",
    packages=("onnxruntime",),
    runtime="onnx",
    example=_ONNX,
    imports="import onnxruntime",
    takes="float32 `(n, {side}, {side}, 3)` with values 0 to 255, under the name `picture`",
)
_DOCUMENT = N_("This is a document to read. It holds no model that could be run.")
_code = functools.partial(
    Format,
    group="learn",
    file="code.zip",
    packages=("keras", "tensorflow", "numpy", "pillow"),
    not_proved=N_("Making it does not run it. It trains the model again, which takes as long as training."),
    document=True,
    bundled=False,
)
_CALIBRATED = "Its numbers have 8 bits. Their ranges were measured on training pictures only."

#: Every format, in the order in which people see them.
FORMATS: tuple[Format, ...] = (
    Format(
        id="keras",
        title="Keras",
        purpose=N_("For Python: train it further, or use it in a notebook."),
        file="model.keras",
        maker="tl_core.export.keras_files:make_keras",
        packages=("keras", "tensorflow"),
        runtime="keras",
        example=('probabilities = keras.saving.load_model("{file}").predict(pixels)[0]',),
        imports="import keras",
    ),
    Format(
        id="saved-model",
        title="TensorFlow SavedModel",
        purpose=N_("For servers: TensorFlow Serving and cloud services take it."),
        file="model.savedmodel",
        maker="tl_core.export.keras_files:make_saved_model",
        packages=("tensorflow",),
        runtime="saved-model",
        example=(
            'model = tf.saved_model.load("{file}")',
            "probabilities = model.serve(pixels)[0].numpy()",
        ),
        familiarity="familiarity = model.familiarity(pixels)[0].numpy()",
        imports="import tensorflow as tf",
    ),
    _litert(
        id="litert",
        title="LiteRT",
        purpose=N_("For phones and small computers: Android, iOS, Raspberry Pi."),
        maker="tl_core.export.litert_files:make",
        familiarity=_FAMILIARITY,
    ),
    _litert(
        id="litert-f16",
        title=N_("LiteRT, 16 bits"),
        purpose=N_("For phones: half the size, nearly the same numbers."),
        maker="tl_core.export.litert_files:make_f16",
        familiarity=_FAMILIARITY,
        note="Its weights have 16 bits.",
    ),
    _litert(
        id="litert-w8",
        title=N_("LiteRT, 8-bit weights"),
        purpose=N_("For phones with little room: about a quarter of the size. Only its weights have 8 bits."),
        maker="tl_core.export.litert_files:make_w8",
        note="Its weights have 8 bits.",
    ),
    _litert(
        id="litert-int8",
        title=N_("LiteRT, 8 bits"),
        purpose=N_("For the smallest devices: a quarter of the size, and the quickest on them."),
        maker="tl_core.export.litert_files:make_int8",
        note=_CALIBRATED,
    ),
    _onnx(
        id="onnx",
        title="ONNX",
        purpose=N_("For other languages and systems: C++, C#, Java, JavaScript, Windows."),
        maker="tl_core.export.onnx_files:make",
        familiarity='familiarity = session.run(["familiarity"], {{"picture": pixels}})[0][0]',
    ),
    _onnx(
        id="onnx-int8",
        title=N_("ONNX, 8 bits"),
        purpose=N_("For processors without a graphics card: a quarter of the size."),
        maker="tl_core.export.onnx_files:make_int8",
        note=_CALIBRATED,
    ),
    Format(
        id="coreml",
        title="Core ML",
        purpose=N_("For Apple's devices: apps on iPhone, iPad and Mac."),
        file="model.mlpackage",
        maker="tl_core.export.coreml_files:make",
        packages=("coremltools",),
        not_proved=N_("Core ML cannot be run on this system: it runs on Apple's devices only."),
        example=(
            'answer = coremltools.models.MLModel("{file}").predict({{"picture": picture}})',
            "probabilities = next(each for each in answer.values() if isinstance(each, dict))",
            "probabilities = [probabilities[label] for label in labels]",
        ),
        imports="import coremltools",
        takes="an image under the name `picture`",
        note="It names the class itself. Its weights have 16 bits.",
    ),
    Format(
        id="tfjs",
        title="TensorFlow.js",
        purpose=N_("For web sites: it runs in the visitor's browser."),
        file="model.tfjs",
        maker="tl_core.export.tfjs:make",
        runtime="tfjs",
        in_browser=True,
        takes="float32 `(1, {side}, {side}, 3)` with values 0 to 255",
        note="It takes one picture at a time. Most of its weights have 16 bits.",
    ),
    Format(
        id="web",
        group="show",
        title=N_("Web page"),
        purpose=N_("One file that opens in any browser, with the camera, without a network."),
        file="page.html",
        maker="tl_core.export.web_page:make",
        runtime="page",
        bundled=False,
    ),
    Format(
        id="report",
        group="read",
        title=N_("Report"),
        purpose=N_("To hand over: what the model does and how well. Print it, or save it as PDF."),
        file="report.html",
        maker="tl_core.export.report:make",
        not_proved=_DOCUMENT,
        document=True,
        bundled=False,
    ),
    Format(
        id="card",
        group="read",
        title=N_("Model card"),
        purpose=N_("For a model hub: the README.md that it reads, with what is known of the model."),
        file="README.md",
        maker="tl_core.export.card:make",
        not_proved=_DOCUMENT,
        document=True,
        name="README.md",
        bundled=False,
    ),
    _code(
        id="notebook",
        title=N_("Notebook"),
        purpose=N_("To learn: this training in plain Keras, explained step by step, with all pictures."),
        maker="tl_core.export.code_files:make_notebook",
    ),
    _code(
        id="script",
        title=N_("Script"),
        purpose=N_("To build on: the same steps as one Python file, with all pictures."),
        maker="tl_core.export.code_files:make_script",
    ),
)

#: Stands for every format on the command line.
ALL = "all"


def get(name: str) -> Format:
    """Return the format of an id. Raises InputError if there is none."""
    for each in FORMATS:
        if each.id == name:
            return each
    raise InputError(
        _("There is no format “{format}”. Choose one of: {formats}.").format(
            format=name, formats=", ".join(each.id for each in FORMATS)
        )
    )


def of(project: Project) -> list[Format]:
    """Return what a run of a project can be made into, as its kind of task says. Raises InputError if it is nothing."""
    fitting = table.of(project).formats
    if fitting is None:
        return list(FORMATS)
    if not fitting:
        raise InputError(kinds.only_pictures(project))
    return [each for each in FORMATS if each.id in fitting]


def require(project: Project, name: str) -> Format:
    """Return the format of an id for the runs of a project.

    Raises:
        InputError: there is none, or runs of this kind cannot be made into it so far; says into what they can.
    """
    chosen, fitting = get(name), of(project)
    if chosen in fitting:
        return chosen
    offered = ", ".join(each.id for each in fitting)
    if why := table.of(project).refused.get(chosen.id):
        raise InputError(_("{reason} Choose one of: {formats}.").format(reason=_(why), formats=offered))
    raise InputError(
        _("{format} cannot be made of “{project}” so far. Choose one of: {formats}.").format(
            format=_(chosen.title), project=project.name, formats=offered
        )
    )


def holding_the_rule() -> str:
    """Return the titles of all formats that refuse pictures as the app does, for a sentence."""
    return ", ".join(_(each.title) for each in FORMATS if each.familiarity or each.id == "web")


def others(project: Project, chosen: Format) -> str:
    """Return the titles of all other formats that hold a model of a run of a project, for a sentence."""
    return ", ".join(_(each.title) for each in of(project) if each.id != chosen.id and not each.document)
