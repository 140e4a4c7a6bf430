"""Live answers: the page's script posts a frame of the camera and gets what the model says of it.

A session's websocket takes a rerun for each frame; this way a frame takes one request, and nothing is kept of it. The
answer is the very one of ``predict``: temperature, and the limit below which nothing is answered; or the boxes.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pages._ui.shell import language, people, workers
from pages._ui.shell.requests import RefusedError, check_origin, limited
from pages._ui.shell.tokens import Tokens
from tl_core.about import Things
from tl_core.dataset import kinds
from tl_core.errors import TLError
from tl_core.language import N_, _
from tl_core.runs import RunFolder

if TYPE_CHECKING:
    from tl_core.evaluation.box_record import BoxPrediction
    from tl_core.evaluation.predictions import Prediction

URL = "/api/live"
#: Of a frame, in bytes.
MOST_BYTES = 2 * 2**20
TOO_LARGE = N_("This frame is too large. Reload the page and try again.")
#: Less sure boxes are not sent: the page shows those from a confidence on that a person moves.
LEAST = 0.05
#: Under which a page may ask a run's model.
tokens: Tokens[RunFolder] = Tokens()


def routes() -> list[Route]:
    """Return the routes to hand to ``st.App``."""
    return [Route(f"{URL}/{{token}}", _answer, methods=["POST"], name="live")]


async def _answer(request: Request) -> Response:
    language.settle_for(request)
    try:
        check_origin(request)
        run = tokens.get(request.path_params["token"])
        if run is None or not people.owns(run.folder):
            return JSONResponse({"error": _("This page is out of date. Reload it.")}, 403)
        frame = await limited(request, MOST_BYTES, _(TOO_LARGE)).body()
        question, more, in_json = _ASKED.get(kinds.of(run.project), _LABELS)
        (said,) = await asyncio.to_thread(workers.engine().ask, question, str(run.folder), [frame], more)
    except RefusedError as exc:
        return JSONResponse({"error": str(exc)}, exc.status)
    except TLError as exc:
        return JSONResponse({"error": str(exc)}, 409)
    except ClientDisconnect:
        return Response(status_code=400)
    return JSONResponse({"error": said.error}, 400) if said.error else JSONResponse(in_json(said))


def _labels(said: "Prediction") -> dict[str, object]:
    from tl_core.evaluation.tags import TagPrediction

    return {
        "classes": [(each.label, each.probability) for each in said.classes],
        "refused": said.refused,
        "judged": said.known is not None or isinstance(said, TagPrediction),  # of several labels none is refused
        "given": said.tags if isinstance(said, TagPrediction) else None,
    }


def _boxes(said: "BoxPrediction") -> dict[str, object]:
    return {"boxes": [(*each.box.edges, each.box.label, each.score) for each in said.found]}


#: What is asked of a frame: the question, what it takes beside the frame, and how its answer is sent.
Asked = tuple[str, object, Callable[[Any], dict[str, object]]]
_LABELS: Asked = "predict", False, _labels
_ASKED: Mapping[Things, Asked] = {"boxes": ("find-boxes", LEAST, _boxes)}
