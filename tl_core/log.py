"""What happens on a server that people share, as one line of JSON each: sign-ins, jobs, refusals, errors.

No line has names of people, pictures or projects, addresses of e-mail, tokens or texts of exceptions. A person is the
id of the space, by which whoever runs the server finds the folder. Nothing is written before ``begin``.
"""

import json
import logging
import sys
import time
import traceback
from pathlib import Path
from typing import IO

_logger = logging.getLogger("thaw.events")
#: Loggers that write to a stream of their own, whatever the root logger does.
_OTHERS = ("streamlit", "uvicorn", "uvicorn.error", "distributed", "asyncio")


def event(name: str, /, **fields: str | float | None) -> None:
    """Write that something happened. ``fields`` hold ids, kinds and numbers alone; those that are None are left out."""
    _logger.info(name, extra={"fields": fields})


def begin(stream: IO[str] | None = None) -> None:
    """Write lines to a stream from now on (standard output if none is given), also of what libraries log.

    Of those only the place, the level and the kind of exception are written, as their texts may name anything.
    """
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(_Lines())
    handler.addFilter(lambda record: record.name == _logger.name or record.levelno >= logging.WARNING)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    _logger.setLevel(logging.INFO)
    for name in [each for each in logging.root.manager.loggerDict if each.split(".")[0] in _OTHERS]:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(max(logger.level, logging.WARNING))


class _Lines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """Return a record as one line of JSON."""
        line: dict[str, object] = {"time": _when(record.created)}
        if record.name == _logger.name:
            fields = getattr(record, "fields", {})
            line |= {"event": record.getMessage(), **{key: each for key, each in fields.items() if each is not None}}
        else:
            line |= {
                "event": record.levelname.lower(),
                "logger": record.name,
                "line": f"{record.module}:{record.lineno}",
            }
        if record.exc_info and record.exc_info[0]:
            frames = traceback.extract_tb(record.exc_info[2])
            line["error"] = record.exc_info[0].__name__
            line["at"] = [f"{Path(each.filename).name}:{each.lineno} {each.name}" for each in frames[-8:]]
        return json.dumps(line, ensure_ascii=False)


def _when(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{int(seconds % 1 * 1000):03}Z"
