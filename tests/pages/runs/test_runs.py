"""The notebook of runs: what is seen and done with runs on their page."""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.shell import state, workers
from tests.pages.conftest import Open, markdown, query, text, wait_for
from tl_core import runs
from tl_core.experiments import remeasure
from tl_core.files import write_record
from tl_core.freezing import outline
from tl_core.notebook import rows
from tl_core.runs import RunFolder
from tl_core.workspace import Project, Workspace

NASTY = "**bold** <b> :red[x]"


@pytest.fixture
def run(finished: Path, workspace: Workspace) -> RunFolder:
    """A trained run, of which there is a copy with a name that is as nasty as a person can type it."""
    shutil.copytree(finished, workspace.root, symlinks=True, dirs_exist_ok=True)
    (made,) = runs.of_project(workspace.projects()[0])
    shutil.copytree(made.folder, made.folder.with_name("copy"))
    RunFolder(made.folder.with_name("copy")).annotate(name=NASTY, note="**note**", star=True)
    return made


def opened(open_page: Open, run: RunFolder) -> AppTest:
    app = open_page("runs.py", project=run.project.slug, run=run.id)
    assert not app.exception, app.exception
    return app


def labelled(app: AppTest, label: str):
    kinds = (app.text_input, app.text_area, app.checkbox, app.button, app.selectbox, app.multiselect)
    return next(each for kind in kinds for each in kind if each.label == label)


def test_before_the_first_run_it_invites_to_train(open_page: Open, project: Project):
    app = open_page("runs.py", project=project.slug)
    assert "Nothing has been trained yet" in text(app)
    assert not app.multiselect


def test_all_runs_stand_side_by_side(open_page: Open, run: RunFolder):
    app = opened(open_page, run)
    assert "Lite0 · head only" in labelled(app, "Runs to compare").options
    assert "What changed" in text(app)
    assert "the same settings and pictures; no difference in accuracy" in markdown(app).replace("\\", "")
    assert "on the 8 validation pictures that the runs share" in markdown(app)
    assert "<b>" not in markdown(app).replace("\\<b\\>", "")
    assert "**note**" not in markdown(app)


def test_a_run_is_named_noted_and_starred(open_page: Open, run: RunFolder):
    app = opened(open_page, run)
    labelled(app, "Note").set_value("blurred")
    labelled(app, "Star").check()
    labelled(app, "Save").click().run()
    assert (run.label.name, run.label.note, run.label.star) == ("", "blurred", True), "the usual name is no given one"
    labelled(app, "Name of the run").set_value(" First ")
    labelled(app, "Save").click().run()
    assert run.name == "First"
    assert "First" in labelled(app, "Runs to compare").options


def test_a_chosen_run_is_shown_everywhere_and_deleted_with_undo(open_page: Open, run: RunFolder):
    app = opened(open_page, run)
    labelled(app, "Run").select(NASTY).run()
    assert query(app)["run"] == "copy"
    labelled(app, "Delete the run").click().run()
    assert [each.id for each in runs.of_project(run.project)] == [run.id]
    assert NASTY in text(app)
    assert labelled(app, "Runs to compare").value == [run.id]
    labelled(app, "Undo").click().run()
    assert len(runs.of_project(run.project)) == 2


def test_do_this_again_fills_in_the_form(open_page: Open, run: RunFolder):
    app = opened(open_page, run)
    labelled(app, "Do this again with …").click().run()
    assert not app.exception
    assert "Train" in app.title[0].value
    draft, recipe = state.draft(run.project), run.recipe
    assert (draft.backbone, draft.image_size, draft.epochs) == (recipe.backbone, recipe.image_size, recipe.epochs)
    assert len(runs.of_project(run.project)) == 2, "it only fills in the form"


def test_no_chosen_run_and_a_damaged_one_do_no_harm(open_page: Open, run: RunFolder):
    (run.folder / "recipe.json").write_text("{")
    app = opened(open_page, run)
    labelled(app, "Runs to compare").set_value([]).run()
    assert not app.exception
    labelled(app, "Runs to compare").set_value([run.id, "copy"]).run()
    assert not app.exception
    assert "recipe.json" in markdown(app).replace("\\", "")
    assert not [each for each in app.button if each.label == "Do this again with …"]


def test_a_network_is_drawn_by_a_worker_where_its_blocks_are_not_known(run: RunFolder):
    workspace = run.project.workspace
    shutil.rmtree(workspace.root / "networks", ignore_errors=True)
    (row, *_) = rows.of_project(run.project).rows
    assert row.blocks is None
    workers.engine().begin("outline", str(workspace.root), row.recipe.backbone)
    wait_for(lambda: outline.load(workspace, row.recipe.backbone))
    (row, *_) = rows.of_project(run.project).rows
    assert (row.frozen, row.blocks) == (18, 18)


def test_a_run_can_be_measured_again_and_says_what_it_got(open_page: Open, run: RunFolder):
    app = opened(open_page, run)
    assert "remeasure" in [each.key for each in app.button]

    accuracy = run.report().validation
    write_record(run.folder / remeasure.FILE, remeasure.Again(accuracy=accuracy, validation=1.0, learned=9, every=12))
    app = opened(open_page, run)
    assert "remeasure" not in [each.key for each in app.button]
    assert "that had no say in the choice" in markdown(app)
