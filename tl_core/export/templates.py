"""Programs that are written from templates: ``assets/code``."""

from pathlib import Path

import jinja2

CODE = Path(__file__).parents[2] / "assets" / "code"


def render(template: str, **values: object) -> str:
    """Return a template of ``assets/code``, filled in; ``| py`` writes a value as Python."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(CODE),
        autoescape=False,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["py"] = repr
    return environment.get_template(template).render(values)
