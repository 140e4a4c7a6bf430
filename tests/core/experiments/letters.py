"""A small project of texts, each of words of a letter that is its label, and a small network that reads them."""

import csv
from pathlib import Path

import numpy as np

from tests.core.networks import bert_files
from tl_core import api
from tl_core.networks import text_catalogue
from tl_core.workspace import Project, Workspace

ENDS = "abcdefghij"


def project_of_letters(root: Path, count: int = 24) -> tuple[Project, str]:
    """Return a project of two labels with so many texts each, and the id of the network."""
    chance = np.random.default_rng(0)
    rows = [
        (" ".join(label + "".join(chance.choice(list(ENDS), 2)) for _ in range(4)), label)
        for label in "kz"
        for _ in range(count)
    ]
    root.mkdir(parents=True, exist_ok=True)
    with (root / "letters.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *rows])
    project, _report = api.import_texts(Workspace.open(root / "workspace"), root / "letters.csv")
    return project, text_catalogue.local(bert_files.write(root / "little", bert_files.BERT)).id
