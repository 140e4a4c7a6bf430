"""Which kind of task a source is of."""

import pytest

from tests.core.pictures import lay, pets
from tl_core.ingest.sources import Source
from tl_core.tasks import table


@pytest.mark.parametrize(
    ("names", "usual", "kind"),
    [
        (["mails.csv"], "pictures", "texts"),
        (["mails.jsonl"], "pictures", "texts"),
        (["spam/1.txt", "ham/1.txt"], "pictures", "texts"),
        (["cat/1.png", "dog/1.png"], "texts", "pictures"),
        (["labels.csv", "1.png"], "pictures", "pictures"),
        (["labels.csv", "1.png"], "tags", "tags"),
        (["paper.pdf"], "texts", "texts"),
        (["paper.pdf"], "pictures", "pictures"),
    ],
)
def test_the_kind_of_a_source_is_seen_from_its_names(tmp_path, names, usual, kind):
    for name in names:
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_bytes(b"content")
    assert table.of_source(Source("folder", str(tmp_path)), table.get(usual)).id == kind


def test_a_folder_of_pictures_is_one(tmp_path):
    assert table.of_source(Source("folder", str(lay(tmp_path / "pets", pets(1)))), table.get("texts")).id == "pictures"
