"""The express way: from pictures to a model in one press, and on to pictures that it has not learned."""

from pages._ui.shell import state
from tests.pages.conftest import Open, query, text, wait_for
from tl_core import runs
from tl_core.draft import Draft
from tl_core.workspace import Project


def test_one_press_on_pictures_trains_with_the_usual_settings(open_page: Open, project: Project):
    app = open_page("images.py", project=project.slug)
    app.button(key="now").click().run()

    (run,) = runs.of_project(project)
    assert "Train" in str(app.title[0].value)
    assert query(app)["run"] == run.id
    assert run.recipe.freeze == "all"
    assert open_page("images.py", project=project.slug).button(key="now").disabled or not run.job.active
    wait_for(lambda: not run.job.active)
    assert run.ready, run.job.status()
    assert "The model has not learned from any of them" in text(open_page("try_it.py", project=project.slug))


def test_it_says_whether_the_settings_are_the_usual_ones(open_page: Open, project: Project):
    assert "and the usual settings" in text(open_page("images.py", project=project.slug))

    state.save_draft(project, Draft().changed(freeze="block_10_add"))
    said = text(open_page("images.py", project=project.slug))
    assert "and the settings of Train" in said
    assert "usual settings" not in said


def test_pictures_that_cannot_be_learned_from_offer_no_training(open_page: Open, workspace):
    workspace.create_project("Empty")

    assert "now" not in [each.key for each in open_page("images.py", project="empty").button]
