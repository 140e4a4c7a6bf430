"""A program in cells as a Jupyter notebook."""

import json
import re


def of(script: str) -> str:
    r"""Return a notebook of format 4.5 (https://nbformat.readthedocs.io) with the cells of a program.

    Args:
        script: its cells begin with ``# %%``, those of text with ``# %% [markdown]``; what comes before is left out.

    >>> made = json.loads(of("# %% [markdown]\n# # Sums\n#\n# All of them.\n\n# %%\n1 + 1\n"))
    >>> [(cell["cell_type"], cell["source"]) for cell in made["cells"]]
    [('markdown', ['# Sums\n', '\n', 'All of them.']), ('code', ['1 + 1'])]
    """
    _, *parts = re.split(r"^# %%", script, flags=re.MULTILINE)
    notebook = {
        "cells": [_cell(part, f"cell-{number}") for number, part in enumerate(parts, start=1)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def _cell(part: str, name: str) -> dict[str, object]:
    head, _, body = part.partition("\n")
    text = "[markdown]" in head
    body = re.sub(r"^# ?", "", body, flags=re.MULTILINE) if text else body
    cell: dict[str, object] = {
        "cell_type": "markdown" if text else "code",
        "id": name,
        "metadata": {},
        "source": body.strip("\n").splitlines(keepends=True),
    }
    return cell if text else {**cell, "execution_count": None, "outputs": []}
