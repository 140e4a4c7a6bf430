"""How large the page of a run is, before it is made. Loads no TensorFlow."""

from tl_core.export import freeze_drawing
from tl_core.networks import bert_weights, tables
from tl_core.networks.tables import Pretrained
from tl_core.networks.text_catalogue import TextNetwork
from tl_core.runs import RunFolder

#: Pages with more bytes are warned of.
LARGE = 50_000_000
#: What TensorFlow.js and all that is no weight take, in bytes.
RUNTIME = 1_000_000
#: What a weight of 16 bits, and of 8 bits, takes in a page on average: packed, then written with 64 signs.
SIXTEEN, EIGHT = 2.4, 1.0


def expected(run: RunFolder) -> int:
    """Return about how many bytes the page of a run will have."""
    network, report = tables.get(run.recipe.backbone), run.report()
    every = network.parameters if isinstance(network, TextNetwork) else network.backbone_parameters
    trained = report.parameters.trained if report and freeze_drawing.fine_tuned(run) else 0
    kept = EIGHT if _has_eight_bits(network) else SIXTEEN
    return round(RUNTIME + kept * max(0, every - trained) + SIXTEEN * min(trained, every))


def _has_eight_bits(network: Pretrained) -> bool:
    """Return whether a network was published with weights of 8 bits: then its file has little more than one each."""
    path = bert_weights.source(network) if isinstance(network, TextNetwork) else None
    return path is not None and path.stat().st_size < 1.5 * network.parameters
