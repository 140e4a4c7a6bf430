"""The words for what a project holds."""

from pages import steps
from pages._ui.shell import kinds, layout
from tl_core.dataset import kinds as dataset_kinds
from tl_core.tasks import table
from tl_core.workspace import Workspace


def test_every_kind_of_task_has_its_words_and_its_drawing():
    assert [kinds.get(task.id).id for task in table.TASKS] == [task.id for task in table.TASKS]
    assert all((layout.ASSETS / "kinds" / each.drawing).is_file() for each in kinds.EVERY)


def test_one_step_is_called_after_the_things(workspace: Workspace):
    project = workspace.create_project("Mails")
    dataset_kinds.claim(project, "texts")
    assert [kinds.title(step, project) for step in steps.STEPS][:2] == ["Texts", "Network"]
    assert [kinds.title(step, None) for step in steps.STEPS][:2] == ["Pictures", "Network"]
