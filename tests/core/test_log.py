"""The log of a server: lines of JSON that name nobody."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from tl_core import log


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    stream = io.StringIO()
    log.begin(stream)
    yield stream
    root.handlers[:], root.level = before


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_a_line(written: io.StringIO):
    log.event("job", kind="train", state="done", space=None, seconds=1.5)

    (line,) = lines(written)
    assert line.pop("time")
    assert line == {"event": "job", "kind": "train", "state": "done", "seconds": 1.5}


def test_what_others_log_is_its_place_and_not_its_text(written: io.StringIO):
    logger = logging.getLogger("streamlit.runtime")
    logger.info("cat.jpg was read")
    try:
        raise ValueError("cat.jpg")
    except ValueError:
        logger.exception("anna@example.org with %s", "cat.jpg")

    (line,) = lines(written)
    assert (line["event"], line["error"], line["logger"]) == ("error", "ValueError", "streamlit.runtime")
    assert "test_log.py" in str(line["at"])
    assert not any(each in written.getvalue() for each in ("cat", "anna"))
