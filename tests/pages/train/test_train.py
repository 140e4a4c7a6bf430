"""Network, freeze, train, results, try it: with a real engine and real fits."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.pictures import upload_route
from pages._ui.shell import state
from pages._ui.train import progress
from tests.conftest import write_pictures
from tests.pages.conftest import Open, metric, text, wait_for, words, work
from tl_core import jobs, runs
from tl_core.dataset import manifest
from tl_core.draft import Draft
from tl_core.events import Event
from tl_core.files import read_json
from tl_core.freezing import speed
from tl_core.freezing.speed import Speed
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.jobs import JobStatus
from tl_core.networks import catalogue
from tl_core.recipe import Head, Recipe
from tl_core.wording import estimate_range
from tl_core.workspace import Project


@pytest.fixture
def run(project: Project) -> runs.RunFolder:
    """A run that waits to be trained."""
    options = {"backbone": "efficientnet-lite0", "image_size": 64, "seed": 0, "epochs": 3, "batch_size": 8}
    return runs.create(project, Recipe(manifest=1, head=Head(activation="sigmoid"), **options))


@pytest.fixture
def trained(run: runs.RunFolder) -> runs.RunFolder:
    work(run.job)
    return run


def test_only_networks_that_are_here_are_offered_until_asked(open_page: Open, project: Project, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    app = open_page("model.py", project=project.slug)
    assert len(app.selectbox[0].options) == 3
    app.toggle[0].set_value(False).run()
    assert len(app.selectbox[0].options) >= 41
    app.selectbox[0].set_value("vgg16").run()
    assert not app.exception
    assert state.draft(project).backbone == "vgg16"
    assert any("Must be downloaded" in str(warning.value) for warning in app.warning)
    assert metric(app, "Accuracy on everyday things") == "71.3%"
    assert "Accuracy as published" in text(app)
    assert any(button.label.startswith("Download the weights") for button in app.button)


def test_a_choice_is_still_there_after_a_refresh(open_page: Open, project: Project):
    open_page("model.py", project=project.slug).selectbox[0].set_value("efficientnet-lite1").run()
    assert open_page("model.py", project=project.slug).selectbox[0].value == "efficientnet-lite1"
    assert metric(open_page("train.py", project=project.slug), "Network") == "EfficientNet-Lite1"


def test_a_link_to_a_run_of_another_project_opens_that_run(open_page: Open, workspace, project: Project, run):
    later = runs.create(project, run.recipe)
    workspace.create_project("Another").update(manifest=0)
    app = open_page("train.py", project=project.slug, run=run.id)
    assert app.query_params["run"] in (run.id, [run.id])
    assert later.id != run.id


def test_train_runs_to_its_end_and_leads_on(open_page: Open, project: Project):
    app = open_page("train.py", project=project.slug)
    app.button(key="train").click().run()
    assert not app.exception, app.exception
    (run,) = runs.of_project(project)
    wait_for(lambda: not run.job.active)
    app = open_page("train.py", project=project.slug)
    assert run.job.state == "done", run.job.status()
    assert metric(app, "Validation accuracy").endswith("%")
    assert "new pictures may do slightly worse" in text(app)
    assert "Just guessing: 50%" in text(app)


def test_a_line_that_is_moved_after_a_look_at_train_fine_tunes(open_page: Open, project: Project):
    assert "Epochs of fine-tuning, at most" not in [slider.label for slider in open_page("train.py").slider]
    state.update_draft(project, freeze="block_14_add")
    app = open_page("train.py", project=project.slug)
    epochs = next(slider for slider in app.slider if slider.label.startswith("Epochs of fine-tuning"))
    assert epochs.value == 10, "with the line came the settings that suit it"
    epochs.set_value(7).run()
    state.update_draft(project, freeze="all")
    assert not open_page("train.py", project=project.slug).exception, "nothing to fine-tune is no mistake"
    state.update_draft(project, freeze="none")
    app = open_page("train.py", project=project.slug)
    assert next(slider for slider in app.slider if slider.label.startswith("Epochs of fine-tuning")).value == 7


def test_augmentation_says_what_it_costs(open_page: Open, project: Project):
    app = open_page("train.py", project=project.slug)
    levels = next(radio for radio in app.radio if radio.label == "Augmentation")
    levels.set_value("full").run()
    versions = next(slider for slider in app.select_slider if slider.label.startswith("Augmented copies"))
    assert versions.value == 4
    assert "runs 4 times on every training picture" in text(app)
    versions.set_value(0).run()
    assert "Nothing can be stored" in text(app)
    app = open_page("train.py", project=project.slug)
    draft = state.draft(project)
    assert (draft.augmentation, draft.augmentation_variants) == ("full", 0), "it is still there after a refresh"


def test_augmentation_is_shown_on_ones_own_pictures_before_a_run_pays_for_it(open_page: Open, project: Project):
    app = open_page("train.py", project=project.slug, **{"train-options": "true"})
    assert "nine changed versions" not in text(app)
    app.radio(key="option-augmentation").set_value("full").run()
    assert not app.exception, app.exception
    assert "nine changed versions" in text(app)
    shown = app.get("image")
    assert len(shown) == 10
    other = app.selectbox(key="augmented-picture").options[1]
    app.selectbox(key="augmented-picture").set_value(other).run()
    assert not app.exception, app.exception
    assert [each.proto for each in app.get("image")] != [each.proto for each in shown]
    assert not runs.of_project(project), "nothing was trained for it"


def widgets(app: AppTest, key: str) -> list[Any]:
    return [
        element
        for kind in ("slider", "select_slider", "number_input", "radio", "toggle", "selectbox")
        for element in app.get(kind)
        if element.key == key
    ]


#: Widgets by their key, with what they are moved to: three times in a row, on the page of each.
MOVES = {
    "train.py": {
        "option-solver": ("adam", "lbfgs", "adam"),  # only gradient descent has epochs and a rate
        "option-epochs": (40, 50, 60),
        "option-learning_rate": (1e-3, 3e-3, 1e-4),
        "option-patience": (6, 7, 8),
        "option-fine_tune_epochs": (6, 7, 8),
        "option-fine_tune_learning_rate": (3e-5, 1e-4, 3e-4),
        "option-augmentation": ("gentle", "off", "full"),
        "option-augmentation_variants": (8, 0, 2),
        "option-augmentation_size": (True, False, True),
        "option-class_weights": (False, True, False),
        "option-label_smoothing": (0.1, 0.2, 0.3),
        "option-schedule": ("cosine", "constant", "cosine"),
        "option-weight_decay": (0.01, 0.0, 0.05),
        "option-block_decay": (0.7, 0.8, 0.9),
        "option-image_size": (96, 128, 160),
        "option-batch_size": (16, 64, 300),
        "option-seed": (1, 2, 3),
        "option-cache_precision": (True, False, True),
        "option-weights": (True, False, True),
    },
    "freeze.py": {
        "head-hidden": (64, 128, 0),
        "head-dropout": (0.3, 0.4, 0.5),
        "head-saturated": (False, True, False),
        "head-centred": (False, True, False),
        "head-pooling": ("max", "flatten", "average"),
        "head-activation": ("softmax", "sigmoid", "softmax"),
    },
    "model.py": {"network": ("efficientnet-lite1", "efficientnet-lite2", "efficientnet-lite0")},
}


@pytest.mark.parametrize("file", MOVES)
def test_every_move_of_an_option_is_shown_and_kept(open_page: Open, project: Project, file):
    state.save_draft(project, Draft(freeze="block_14_add"))
    app = open_page(file, project=project.slug)
    for key, values in MOVES[file].items():
        for value in values:
            before = state.draft(project)
            widgets(app, key)[0].set_value(value).run()
            assert not app.exception, app.exception
            assert widgets(app, key)[0].value == value, key
            assert state.draft(project) != before, key


def test_the_settings_of_fine_tuning_that_won_are_one_press_away(open_page: Open, project: Project):
    state.update_draft(project, freeze="block_14_add")
    assert not [each for each in open_page("train.py", project=project.slug).button if each.key == "fine-tuned"]
    state.update_draft(project, schedule="constant", augmentation="off", fine_tune_epochs=5)
    app = open_page("train.py", project=project.slug)
    app.button(key="fine-tuned").click().run()
    assert not app.exception, app.exception
    draft = state.draft(project)
    assert (draft.schedule, draft.augmentation, draft.fine_tune_epochs) == ("cosine", "gentle", 10)
    assert not [each for each in app.button if each.key == "fine-tuned"], "they are set"


def test_an_option_that_another_run_stretched_can_be_moved_back(open_page: Open, project: Project):
    state.update_draft(project, epochs=400, learning_rate=0.5)
    app = open_page("train.py", project=project.slug)
    for key, values in {"option-epochs": (150, 20, 30), "option-learning_rate": (1e-3, 3e-3, 1e-4)}.items():
        for value in values:
            widgets(app, key)[0].set_value(value).run()
            assert widgets(app, key)[0].value == value


def test_a_run_that_was_cut_short_is_offered_for_resuming(open_page: Open, project: Project, run: runs.RunFolder):
    jobs.set_status(run.folder, state="interrupted")
    app = open_page("train.py", project=project.slug, run=run.id)
    assert "continues from its last finished epoch" in text(app)
    app.button(key="resume").click().run()
    wait_for(lambda: not run.job.active)
    assert run.job.state == "done"


def test_a_failed_run_shows_its_sentence(open_page: Open, project: Project, run: runs.RunFolder):
    jobs.set_status(run.folder, state="failed", error="The **weights** are gone.")
    app = open_page("train.py", project=project.slug, run=run.id)
    assert "weights" in str(app.error[0].value)
    assert "**weights**" not in str(app.error[0].value)


def test_pictures_that_cannot_be_trained_on_say_why(open_page: Open, workspace, tmp_path):
    one = workspace.create_project("One")
    folder = write_pictures(tmp_path / "one", {"apple": 6})
    importer.import_source(one, Source("folder", str(folder)))
    app = open_page("train.py", project=one.slug)
    assert not app.exception
    assert app.warning
    assert not [button for button in app.button if button.key == "train"]


def test_results_and_try_it_ask_for_a_model_first(open_page: Open, project: Project, run: runs.RunFolder):
    for file in ("results.py", "try_it.py"):
        assert "no trained model yet" in text(open_page(file, project=project.slug))


def test_the_test_part_opens_by_a_button(open_page: Open, project: Project, trained: runs.RunFolder):
    app = open_page("results.py", project=project.slug, run=trained.id)
    n = trained.report().validation.n
    assert metric(app, "Right").endswith(f"of {n}")
    assert "so this accuracy is slightly optimistic" in text(app)
    choose_part(app, trained, "test")
    assert "pictures are sealed" in text(app)
    assert trained.times_opened() == 0
    app.button(key="open-test").click().run()
    wait_for(lambda: trained.times_opened() == 1)
    app = open_page("results.py", project=project.slug, run=trained.id)
    assert not app.exception, app.exception
    assert metric(app, "Right").endswith(f"of {read_json(trained.folder / 'test.json')['n']}")
    assert "the true accuracy is probably" in text(app)
    assert "Opened once for this run" in text(app)


def choose_part(app, run: runs.RunFolder, part: str) -> None:
    """Choose validation or test on the Results page."""
    app.segmented_control(key=f"part-{run.id}").set_value(part).run()
    assert not app.exception, app.exception


@pytest.mark.slow
def test_one_picture_gets_bars_and_many_a_table(open_page: Open, project: Project, trained, tmp_path):
    folder = write_pictures(tmp_path / "new", {"apple": 1, "plum": 1})
    apple, plum = ((folder / name / "0000.jpg").read_bytes() for name in ("apple", "plum"))
    workspace, of_run = project.workspace, {"project": project.slug, "run": trained.id}
    app = open_page("try_it.py", **of_run, tried=upload_route.stage(workspace, {"a.jpg": apple}).name)
    assert not app.exception, app.exception
    assert "Your model says" in text(app)
    assert "it knows 1,000 things" in text(app)
    several = {"a.jpg": apple, "new/p.jpg": plum, "no.jpg": b"no picture", "notes.txt": b"notes"}
    app = open_page("try_it.py", **of_run, tried=upload_route.stage(workspace, several).name)
    assert not app.exception, app.exception
    table = app.dataframe[0].value
    assert list(table["picture"]) == ["a.jpg", "new/p.jpg", "no.jpg"]
    assert table["problem"].iloc[2]
    assert "1 of 3 files could not be read. no.jpg: " in words(app)
    assert "1 file skipped" in text(app)
    next(button for button in app.button if button.label == "Clear").click().run()
    assert not app.dataframe
    assert "tried" not in app.query_params


def test_the_first_pass_takes_what_the_measured_speed_says(open_page: Open, project: Project):
    def said() -> str:
        return open_page("train.py", project=project.slug).info[0].value

    assert "not known yet: Freeze measures the speed" in said()
    about = {"pictures": 1, "batch": 1, "size": 224, "device": "", "date": ""}
    measured = Speed(pictures_per_second=1.0, looking_per_second=2.0, convert_seconds=5.0, **about)
    speed.save(project.workspace, catalogue.DEFAULT, measured)
    used = sum(len(manifest.load(project).split(split)) for split in ("train", "validation"))
    assert f"the first pass takes {estimate_range(used / 2, used / 2 + 5)}" in said()


def event(name, at, **fields):
    return Event(event=name, time=at, **fields)


def test_time_in_which_a_run_lay_there_is_not_its_time():
    assert progress.called([], 5) == progress.called([event("message", 6)], 5) == "Time so far"
    both = [event("phase", 6, phase="answers"), event("message", 90)]
    assert progress.called(both, 80) == "Since it went on"
    assert progress.of_this_attempt(both, JobStatus(state="running", started=80)) == both[1:]
    assert not progress.of_this_attempt(both, JobStatus(state="queued", started=5))
    assert progress.of_this_attempt(both, JobStatus(state="queued", started=5, paused=True)) == both


def test_where_a_run_stands_is_read_from_its_events():
    assert progress.standing([]).left is None
    looking = [
        event("phase", 0, phase="features", epochs=0),
        event("progress", 1, what="pictures", done=10, total=200),
        event("progress", 5, what="pictures", done=50, total=200),
    ]
    now = progress.standing(looking)
    assert (now.share, now.left) == (0.25, 15)
    assert "50 of 200, 10 pictures a second" in now.text
    head = [
        *looking,
        event("phase", 10, phase="head", epochs=10),
        event("epoch", 12, epoch=1),
        event("progress", 13, what="batches", epoch=2, done=5, total=10),
    ]
    now = progress.standing(head)
    assert now.share == pytest.approx(0.15)
    assert now.left == pytest.approx(17)
    assert "epoch 2 of at most 10, step 5 of 10" in now.text


def test_a_run_that_went_on_counts_the_epochs_of_its_earlier_attempts():
    went_on = [
        event("phase", 100, phase="head", epochs=10),
        event("progress", 101, what="batches", epoch=4, done=5, total=10),
    ]
    now = progress.standing(went_on)
    assert "epoch 4 of at most 10, step 5 of 10" in now.text
    assert (now.share, now.left) == (pytest.approx(0.35), pytest.approx(13)), "half an epoch took one second"
    now = progress.standing([*went_on, event("epoch", 102, epoch=4)])
    assert (now.share, now.left) == (pytest.approx(0.4), pytest.approx(12))
