"""A sheet to print for each lesson: room for guesses, figures and answers. It is one HTML file with its pictures."""

import base64
import html
import io
import re

import jinja2
from PIL import Image

from tl_core import language, wording
from tl_core.language import _
from tl_core.lessons import sets
from tl_core.lessons.lesson import ASSETS, Lesson, Round, shown

#: Side of a picture on the sheet in pixels.
SIDE = 96


def sheet(of: Lesson) -> bytes:
    """Return the sheet of a lesson as an HTML file."""
    loader = jinja2.FileSystemLoader(ASSETS)
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    pictures = {part.id: _pictures(part) for part in of.rounds}
    text = environment.get_template("sheet.html.jinja").render(
        lesson=of,
        pictures=pictures,
        html_of=html_of,
        shown=shown,
        level=wording.level(),
        language=language.current(),
        _=_,
    )
    return text.encode()


def html_of(markdown: str) -> str:
    """Return our own Markdown (paragraphs, lists, bold and italic) as HTML.

    >>> html_of("A **bold** word.\\n\\n* one\\n* two")
    '<p>A <b>bold</b> word.</p><ul><li>one</li><li>two</li></ul>'
    """
    blocks = []
    for block in re.split(r"\n\s*\n", html.escape(markdown.strip(), quote=False)):
        if block.startswith("* "):
            items = re.split(r"\n\* ", block.removeprefix("* "))
            blocks.append("<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>")
        else:
            blocks.append(f"<p>{block}</p>")
    bold = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", "".join(blocks), flags=re.DOTALL)
    return re.sub(r"\*(.+?)\*", r"<i>\1</i>", bold, flags=re.DOTALL)


def _pictures(part: Round) -> list[tuple[str, str]]:
    """Return some pictures of a round as data addresses, each with its class."""
    return [(label, _address(Image.fromarray(pixels))) for label, pixels in sets.glimpse(part.set)]


def _address(picture: Image.Image) -> str:
    buffer = io.BytesIO()
    picture.convert("RGB").resize((SIDE, SIDE)).save(buffer, "JPEG", quality=85)
    return f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode()}"
