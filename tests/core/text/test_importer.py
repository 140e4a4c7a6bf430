"""Texts in a project: cleaned, split without leaks, kept in versions."""

from pathlib import Path

import pytest

from tests.core.pictures import lay, pets
from tests.core.text.messages import ROWS, TEXTS, table
from tl_core.about import SplitSettings
from tl_core.dataset import edits, manifest, splits
from tl_core.errors import InputError, Stopped
from tl_core.ingest import importer as pictures
from tl_core.ingest.sources import Source
from tl_core.progress import Progress
from tl_core.text import importer, sample, tables
from tl_core.text.cleaning import clean
from tl_core.text.guess import Chosen
from tl_core.travel import lists, pack, unpack
from tl_core.workspace import Project, Workspace

SMALL_SPLITS = SplitSettings(validation=0.2, test=0.2)


def reading(rows: list[tuple[str, ...]], head: tuple[str, ...] = ("text", "label")) -> tables.TextReading:
    return tables.read(table(rows, head=head).encode(), "shop.csv", Chosen(text="text", label="label"))


def test_texts_become_a_version_of_the_list(project: Project):
    imported = importer.import_texts(project, reading(ROWS), SMALL_SPLITS)

    listed = manifest.load(project)
    assert listed.version == 1
    assert listed.counts()["total"].to_dict() == dict.fromkeys(sorted(TEXTS), 20)
    assert importer.texts_of(listed).tolist() == [text for text, __ in ROWS]
    assert set(listed.counts()[["train", "validation", "test"]].itertuples(index=False, name=None)) == {(12, 4, 4)}
    assert project.about().kind == "texts"
    assert project.about().split == SMALL_SPLITS
    assert imported.report.summary() == "60 of 60 rows added."
    assert imported.report_path.is_file()


def test_the_same_texts_again_change_nothing_and_new_ones_are_added(project: Project):
    importer.import_texts(project, reading(ROWS[:50]))
    before = manifest.load(project).table

    again = importer.import_texts(project, reading(ROWS[:50]))
    more = importer.import_texts(project, reading(ROWS))

    assert again.manifest.version == 1
    assert again.report.summary() == "0 of 50 rows added, 50 duplicates."
    assert more.report.summary() == "10 of 60 rows added, 50 duplicates."
    after = more.manifest.table
    assert after.set_index("id")["split"].reindex(before["id"]).tolist() == before["split"].tolist()


def test_texts_can_replace_those_before_and_that_can_be_undone(project: Project):
    importer.import_texts(project, reading(ROWS))
    importer.import_texts(project, reading(ROWS[:30]), replace=True)

    assert len(manifest.load(project).table) == 30
    assert len(manifest.undo(project).table) == 60


def test_rows_that_cannot_be_used_are_named_with_the_reason(project: Project):
    rows = [
        *ROWS,
        ("", "praise"),
        ("Nice", ""),
        (ROWS[0][0].replace(" ", "  "), "question"),
        ("word " * 50_000, "praise"),
        ("word " * 100_001, "praise"),
    ]

    report = importer.import_texts(project, reading(rows)).report

    assert [(each.name, each.reason) for each in report.left_out] == [
        ("shop.csv:62", "The text is empty."),
        ("shop.csv:63", "The row has no label."),
        ("shop.csv:66", "The text has 500,004 characters; at most 500,000 are kept."),
        ("shop.csv:64", "An exact copy of shop.csv:2."),
    ]
    assert report.summary() == "61 of 65 rows added, 1 duplicate, 3 skipped."


def test_a_text_with_two_labels_waits_until_a_person_decides(project: Project):
    imported = importer.import_texts(project, reading([*ROWS, (ROWS[0][0], "praise")]))

    conflict = imported.manifest.conflicts.iloc[0]
    assert (conflict["split"], conflict["flags"]) == ("", "conflict: praise | question")
    assert imported.report.left_out[0].reason.startswith("The same text as shop.csv:2, which is in “question”.")
    assert any(note.startswith("1 text came under two labels.") for note in imported.report.notes)
    moved = edits.move(project, [conflict["id"]], "praise").table.set_index("id").loc[conflict["id"]]
    assert (moved["label"], moved["flags"], moved["split"] != "") == ("praise", "", True)


def test_near_copies_stay_in_one_split(project: Project):
    """Every text four times, with small changes."""
    texts = [(item.text, item.label) for item in sample.shop().items]
    changes = ("{}", "{}!!", "Hello, {}", "{} please")
    rows = [(change.format(text), label) for text, label in texts for change in changes]

    table = importer.import_texts(project, reading(rows), SMALL_SPLITS).manifest.table

    long = [text for text, __ in texts if len(text.split()) > 6]
    for text in long:
        alike = table[table["text"].str.contains(text, regex=False)]
        assert alike["split"].nunique() == 1, alike["text"].tolist()
    assert len(long) > 40
    assert splits.leaks(table).empty
    assert set(table["split"]) == {"train", "validation", "test"}


def test_rows_of_one_author_stay_in_one_split(project: Project):
    rows = [(text, label, f"person {n % 15}") for n, (text, label) in enumerate(ROWS)]

    table = importer.import_texts(project, reading(rows, ("text", "label", "author")), SMALL_SPLITS).manifest.table

    assert table.groupby("group")["split"].nunique().max() == 1
    assert table["group"].nunique() == 15
    assert set(table["split"]) == {"train", "validation", "test"}


def test_splits_of_the_source_are_kept(project: Project):
    rows = [(text, label, ("train", "test")[n % 4 == 0]) for n, (text, label) in enumerate(ROWS)]

    table = importer.import_texts(project, reading(rows, ("text", "label", "split"))).manifest.table

    assert (table["split"] == "test").sum() == 15
    assert set(table.loc[table["split"] != "test", "split"]) == {"train", "validation"}


def test_what_texts_hold_is_said():
    rows = [
        *((item.text, item.label) for item in sample.shop().items),
        ("A <b>bold</b> offer &amp; more", "praise"),
        ("Wo ist mein Paket und wann kommt es endlich an?", "question"),
        ("Где мой заказ", "question"),
        ("so long " * 200, "complaint"),
        ("Third time I write about this, the invoice is still wrong", "question"),
    ]

    notes = clean(reading(rows)).notes

    assert [note.partition(",")[0].partition(" for instance")[0] for note in notes] == [
        "2 texts are nearly the same as another. Such texts stay in one split.",
        "1 pair of texts",
        "1 text has more than 300 words. Only its beginning may be read.",
        "1 text holds HTML",
        "2 texts do not look like English",
    ]


def test_one_class_and_a_class_with_one_text_are_said(project: Project):
    one = importer.import_texts(project, reading([row for row in ROWS if row[1] == "praise"]))
    two = importer.import_texts(project, reading([*ROWS[:20], ("Only one of these", "spam")]))

    assert any(note.startswith("There is only one class, “praise”.") for note in one.report.notes)
    assert any(note.startswith("The class “spam” has fewer than 2 texts") for note in two.report.notes)


def test_a_project_holds_pictures_or_texts(project: Project, tmp_path: Path):
    importer.import_texts(project, reading(ROWS))
    folder = Source("folder", str(lay(tmp_path / "pets", pets())))
    with pytest.raises(InputError, match="“Pets” holds texts, and a project holds one kind of thing"):
        pictures.import_source(project, folder)
    assert not list(project.images.rglob("*.png"))

    other = project.workspace.create_project("Other")
    pictures.import_source(other, folder)
    with pytest.raises(InputError, match="“Other” holds pictures, and a project holds one kind of thing"):
        importer.import_texts(other, reading(ROWS))
    assert other.about().kind == "pictures"
    assert manifest.load(other).version == 1


def test_an_import_that_fails_leaves_the_project_as_it_was(project: Project):
    importer.import_texts(project, reading(ROWS[:30]))
    (project.manifests / "0002.json").mkdir()
    before = {path: path.read_bytes() for path in project.folder.rglob("*.*") if path.is_file()}

    with pytest.raises(OSError, match=r"0002\.json"):
        importer.import_texts(project, reading(ROWS))

    assert {path: path.read_bytes() for path in project.folder.rglob("*.*") if path.is_file()} == before


def test_nothing_usable_is_refused(project: Project):
    rows = [("", label) for __, label in ROWS]

    with pytest.raises(
        InputError, match=r"No text of “shop.csv” can be used. The first, shop.csv:2: The text is empty"
    ):
        importer.import_texts(project, reading(rows))
    assert project.about().manifest is None


def test_a_damaged_project_of_texts_is_one_after_its_repair(project: Project):
    importer.import_texts(project, reading(ROWS))
    (project.folder / "project.json").write_text("{", encoding="utf-8")

    project.repair()

    assert project.about().kind == "texts"
    assert len(manifest.load(project).table) == 60


def test_a_list_of_texts_travels(project: Project):
    importer.import_texts(project, reading([*ROWS, ("Two lines:\none and another", "praise")]))
    before = manifest.load(project).table

    lists.check(project.manifests / "0001.parquet")

    assert manifest.load(project).table.equals(before)


def test_a_project_of_texts_travels_whole(project: Project, tmp_path: Path):
    importer.import_texts(project, sample.shop())

    packed = pack.pack(project, tmp_path / "shop.zip", Progress())
    opened = unpack.unpack(Workspace.open(tmp_path / "elsewhere"), tmp_path / "shop.zip", Progress())

    assert (packed.left_out, opened.missing, opened.project.about().kind) == ((), 0, "texts")
    assert manifest.load(opened.project).table.equals(manifest.load(project).table)


def test_the_job_imports_what_was_chosen(project: Project, tmp_path: Path):
    path = tmp_path / "mails.csv"
    path.write_text(table([(text, label, label[:1]) for text, label in ROWS], head=("a", "b", "c")), encoding="utf-8")

    result = importer.run(
        tmp_path, Progress(), project=str(project.folder), source={"kind": "folder", "path": str(path)},
        chosen={"label": "c", "text": "a"},
    )  # fmt: skip

    assert result.manifest == 1
    assert manifest.load(project).classes == ["c", "p", "q"]


class Stopping(Progress):
    """Hears how far the work is, and wants it to stop."""

    def __init__(self) -> None:
        self.heard: list[dict[str, object]] = []

    def emit(self, event: str, **fields: object) -> None:
        self.heard.append(fields)

    def stopped(self) -> bool:
        return True


def test_a_stopped_import_leaves_the_project_as_it_was(project: Project):
    progress = Stopping()
    with pytest.raises(Stopped, match="No text was imported"):
        importer.import_texts(project, reading(ROWS), progress=progress)
    assert progress.heard == [{"what": "texts", "done": 60, "total": 60}]
    assert not manifest.is_stored(project)
