import json

from tl_core import jobs, runs
from tl_core.files import to_json
from tl_core.recipe import Head, Recipe
from tl_core.runs import EpochRow, History, RunFolder
from tl_core.workspace import Project

RECIPE = Recipe(manifest=1, backbone="efficientnet-lite0", image_size=64, seed=0)


def test_runs_that_are_created_in_one_second_are_all_there_the_newest_first(project: Project):
    made = [runs.create(project, RECIPE) for _ in range(5)]

    assert len({run.folder for run in made}) == 5
    assert [run.id for run in runs.of_project(project)] == [run.id for run in reversed(made)]
    assert all(runs.find(project.workspace, run.reference) == run for run in made)


def test_a_project_with_a_new_run_is_the_one_used_last(project: Project):
    other = project.workspace.create_project("Other")
    assert project.workspace.projects()[0] == other

    runs.create(project, RECIPE)

    assert project.workspace.projects()[0] == project


def row(phase, epoch, val_loss):
    numbers = {"loss": 0.5, "accuracy": 0.75, "val_accuracy": 0.5, "seconds": 1.25}
    return EpochRow(phase=phase, epoch=epoch, val_loss=val_loss, **numbers)


def test_epochs_are_found_again_and_a_repeated_one_takes_its_place(tmp_path):
    history = History(tmp_path / "history.csv")
    for epoch, loss in enumerate([0.9, 0.4, 0.6], 1):
        history.add(row("head", epoch, loss))
    history.add(row("head", 3, 0.5))
    again = History(tmp_path / "history.csv")
    assert again.rows == history.rows
    assert [result.val_loss for result in again.of("head")] == [0.9, 0.4, 0.5]
    assert again.best().epoch == 2


def test_a_column_that_no_epoch_has_is_not_written(tmp_path):
    history, path = History(tmp_path / "history.csv"), tmp_path / "history.csv"
    history.add(row("head", 1, 0.9))
    assert path.read_text().splitlines()[0] == "phase,epoch,loss,accuracy,val_loss,val_accuracy,seconds"
    history.add(EpochRow(phase="head", epoch=2, loss=0.5, val_loss=0.8, val_map50=0.25, seconds=1.0))
    assert path.read_text().splitlines()[0].endswith(",val_map50,seconds")
    assert History(path).rows == history.rows
    unseen = History(tmp_path / "unseen.csv")
    unseen.add(EpochRow(phase="head", epoch=1, loss=0.5, seconds=1.0))
    assert (tmp_path / "unseen.csv").read_text().splitlines()[0] == "phase,epoch,loss,seconds"
    assert History(tmp_path / "unseen.csv").rows == unseen.rows


def test_a_loss_that_is_not_a_number_is_never_best(tmp_path):
    history = History(tmp_path / "history.csv")
    history.add(row("head", 1, float("nan")))
    assert history.best() is None
    assert History(tmp_path / "history.csv").rows[0].val_loss is None


#: Files of a run as the first version wrote them.
FIRST_VERSION = {
    "job.json": {"kind": "train", "args": {}, "created": 1700000000.5},
    "status.json": {
        "state": "done",
        "owner": {"host": "here", "pid": 12, "started": 1700000000.1},
        "heartbeat": 1700000009.0,
        "error": None,
        "worker": 13,
        "result": {"stopped": False},
    },
    "recipe.json": {
        "manifest": 2,
        "backbone": "efficientnet-lite0",
        "image_size": 224,
        "seed": 3,
        "weights": "imagenet",
        "freeze": "block_14_add",
        "keep_frozen": ["DepthwiseConv2D"],
        "train_batch_norm": False,
        "head": {"pooling": "max", "hidden": 0, "dropout": 0.2, "activation": "sigmoid"},
        "augmentation": "off",
        "augmentation_variants": 0,
        "cache_precision": "float32",
        "epochs": 1,
        "learning_rate": 1,
        "fine_tune_epochs": 5,
        "fine_tune_learning_rate": 1e-05,
        "patience": 5,
        "class_weights": True,
        "label_smoothing": 0.0,
        "batch_size": 32,
    },
    "report.json": {
        "counts": {"train": 12, "validation": 6, "test": 6},
        "history": [
            {
                "phase": "head",
                "epoch": 1,
                "loss": 0.5,
                "accuracy": 1.0,
                "val_loss": None,
                "val_accuracy": 0.5,
                "seconds": 1.2,
            }
        ],
        "validation": {
            "accuracy": 0.5,
            "n": 6,
            "interval": [0.19, 0.81],
            "baseline": 0.5,
            "baseline_class": "cold",
        },
        "temperature": 1.1,
        "seconds": {"features": 1.0, "train": 2.0, "total": 4.0},
        "best": {"phase": "head", "epoch": 1},
        "stopped": False,
        "parameters": {"all": 100, "trained": 10},
    },
}
EVENTS = [
    {"time": 1.0, "event": "phase", "phase": "head", "epochs": 30},
    {"time": 2.0, "event": "progress", "what": "batches", "phase": "head", "epoch": 1, "done": 1, "total": 1},
    {"time": 3.0, "event": "epoch", **FIRST_VERSION["report.json"]["history"][0]},
]


def test_a_run_of_the_first_version_opens_and_its_report_keeps_its_keys(project: Project):
    run = RunFolder(project.runs / "20260101-000000")
    run.folder.mkdir(parents=True)
    for name, value in FIRST_VERSION.items():
        (run.folder / name).write_text(json.dumps(value))
    (run.folder / "events.jsonl").write_text("".join(json.dumps(event) + "\n" for event in [*EVENTS, "torn"]))
    assert runs.of_project(project) == [run]
    assert (run.job.state, run.job.created) == ("done", 1700000000.5)
    assert run.recipe.head == Head(pooling="max", activation="sigmoid")
    assert run.recipe.learning_rate == 1.0
    report = run.report()
    assert json.loads(json.dumps(to_json(report))) == FIRST_VERSION["report.json"]
    assert runs.epochs(run.job.events()) == list(report.history)
    assert jobs.mark_interrupted(project.workspace) == []
