"""A data set as folders: names that every system takes, and the same data set after an import elsewhere."""

import io
import os
import zipfile

import pytest

from tests.core.pictures import lay, pets
from tl_core.dataset import edits, folders, manifest
from tl_core.errors import InputError
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.progress import Progress

NASTY = ["a/b", 'x:"y"?*', "CON", "aux.d", ".hidden", "dot.", "Thumbs.db", "__MACOSX", "猫", "قطة", "=1+1", "é", "é"]


@pytest.mark.parametrize("text", [*NASTY, "", " ", "a . ", "..", "." * 9, "x" * 300, "a\u202eb"])
def test_a_file_name_is_safe_everywhere(text):
    name = folders.file_name(text)
    assert name
    assert not set(name) & set('<>:"/\\|?*\0')
    assert name == name.strip(" ")
    assert not name.endswith((".", " "))
    assert not name.startswith(".")
    assert name.upper().split(".")[0] not in ("CON", "AUX", "NUL")
    assert len(name) <= 61


def test_no_two_classes_share_a_folder():
    named = folders.class_folders([*NASTY, "Cat", "cat", "CAT", "cat (2)", "a_b"])
    assert len({each.casefold() for each in named.values()}) == len(named)
    assert named["猫"] == "猫"


def test_the_folders_are_read_as_the_same_classes_and_splits(project, tmp_path):
    importer.import_source(project, Source("folder", str(lay(tmp_path / "pets", pets()))))
    old = manifest.load(project)
    edits.rename_class(project, old.classes[0], "Fox: red?")
    table = edits.rename_class(project, old.classes[1], "fox_ red_").table
    arranged = folders.arrange(project, table)
    os.utime(arranged.pictures[0].path, (0, 0))  # a time before that of the first zip
    with folders.new_zip(path := tmp_path / "set.zip") as bundle:
        folders.write(bundle, folders.require(arranged), Progress())
    other = project.workspace.create_project("other")
    importer.import_source(other, Source("zip", str(path)))
    again = manifest.load(other).table.set_index("id")
    folder = folders.class_folders(table["label"])
    for row in manifest.rows_of(table[table["split"] != ""]):
        assert (again["label"][row.id], again["split"][row.id]) == (folder[row.label], row.split)


def test_what_is_missing_or_empty_is_a_sentence(project, tmp_path):
    importer.import_source(project, Source("folder", str(lay(tmp_path / "pets", pets()))))
    table = manifest.load(project).table
    manifest.image_path(project, table[table["split"] == "train"]["id"].iloc[0]).unlink()
    with pytest.raises(InputError, match="pictures are missing on this machine"):
        folders.require(folders.arrange(project, table))
    with pytest.raises(InputError, match="No picture is in a split"):
        folders.require(folders.arrange(project, table.assign(split="")))


def test_a_picture_that_was_removed_meanwhile_is_a_sentence(project, tmp_path):
    importer.import_source(project, Source("folder", str(lay(tmp_path / "pets", pets()))))
    pictures = folders.require(folders.arrange(project, manifest.load(project).table))
    pictures[0].path.unlink()
    with zipfile.ZipFile(io.BytesIO(), "w") as bundle, pytest.raises(Exception, match="was removed meanwhile"):
        folders.write(bundle, pictures, Progress())
