from tl_core import runs
from tl_core.recipe import Recipe
from tl_core.workspace import Project

RECIPE = Recipe(manifest=1, backbone="efficientnet-lite0", image_size=64, seed=0)


def test_runs_that_are_created_in_one_second_are_all_there_the_newest_first(project: Project):
    made = [runs.create(project, RECIPE) for _ in range(5)]

    assert len({run.folder for run in made}) == 5
    assert [run.id for run in runs.of_project(project)] == [run.id for run in reversed(made)]
    assert all(runs.find(project.workspace, run.reference) == run for run in made)
    assert project.about()["last_run"] == made[-1].id
