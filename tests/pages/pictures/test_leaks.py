"""Alike pictures on the Pictures page: what is told, what is shown, how it is settled."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.core.pictures import encoded, lay, noise
from tests.pages.conftest import Open, markdown, open_drawers
from tl_core.dataset import duplicates, manifest, splits
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.workspace import Project, Workspace


@pytest.fixture
def leaky(workspace: Workspace, tmp_path: Path) -> Project:
    """A set that came in two parts: two near duplicates across them, an exact and a near copy under two labels."""
    tree: dict[str, int | bytes] = {}
    for number, label in enumerate(("**cat**", "dog")):
        tree |= {f"train/{label}/{n}.png": 100 * number + n for n in range(6)}
        tree |= {f"test/{label}/{n}.png": 100 * number + n for n in range(20, 23)}
        tree[f"test/{label}/copy.jpg"] = encoded(noise(100 * number), "JPEG")
    tree["train/dog/exact.png"] = 1
    tree["train/dog/near.jpg"] = encoded(noise(2), "JPEG")
    project = workspace.create_project("Pets")
    importer.import_source(project, Source("folder", str(lay(tmp_path / "pets", tree))))
    return project


def opened(open_page: Open, project: Project) -> AppTest:
    """Open the page and both drawers."""
    return open_drawers(open_page("images.py", project=project.slug), "two-labels", "two-splits")


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click()
    open_drawers(app, "two-labels", "two-splits")
    assert not app.exception
    return app


def test_the_number_of_leaks_is_told_and_the_pairs_are_shown(open_page: Open, leaky: Project):
    app = opened(open_page, leaky)

    assert "2 test pictures also appear in training" in markdown(app).replace("\\", "")
    assert [drawer.label for drawer in app.expander[:2]] == [
        "One picture, two labels",
        "One picture, two uses",
    ]
    alts = [image.proto.imgs[0].alt for image in app.image]
    shown = [alt for alt in alts if not alt.startswith("Pictures of the class")]
    assert len(shown) == 7  # an exact copy alone, a near copy and two leaks side by side
    assert any("Test · test/dog/copy.jpg" in alt for alt in shown)


def test_all_copies_are_taken_out_at_once_and_undo_brings_them_back(open_page: Open, leaky: Project):
    app = press(opened(open_page, leaky), "Remove 2 copies")

    table = manifest.load(leaky).table
    assert splits.leaks(table).empty
    assert set(splits.leaks(manifest.load(leaky, 1).table)["second_split"]) <= {"train", "test"}
    assert (table["split"] == "test").sum() == 8
    press(app, "Undo")
    assert len(splits.leaks(manifest.load(leaky).table)) == 2


def test_each_pair_is_settled_by_itself(open_page: Open, leaky: Project):
    app = press(opened(open_page, leaky), "Use both for training")
    assert len(splits.leaks(manifest.load(leaky).table)) == 1
    press(app, "Remove the training copy")
    assert splits.leaks(manifest.load(leaky).table).empty


def test_pictures_called_different_are_not_shown_again(open_page: Open, leaky: Project):
    app = press(opened(open_page, leaky), "All are different")

    assert [drawer.label for drawer in app.expander[:1]] == ["One picture, two labels"]
    assert "also appear in training" not in markdown(app).replace("\\", "")


def test_a_label_is_chosen_for_a_conflict(open_page: Open, leaky: Project):
    app = press(opened(open_page, leaky), r"It is \*\*cat\*\*")
    assert manifest.load(leaky).conflicts.empty
    press(app, "Both are dog")
    assert duplicates.conflicts(manifest.load(leaky).table).empty


def test_a_set_without_alike_pictures_has_no_drawers(open_page: Open, project: Project):
    app = open_page("images.py", project=project.slug)
    assert not any("One picture" in drawer.label for drawer in app.expander)
