"""Training on several labels a picture: as good as on each label by itself, whole models, exact after a restart."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from tests import tagged
from tests.conftest import share_weights
from tests.core.training.test_resume import END_OF_HEAD, MID_FINE_TUNE, KillAt, Killed
from tl_core import api, jobs, runs
from tl_core.dataset import image, manifest, tags
from tl_core.draft import Draft
from tl_core.errors import InputError
from tl_core.evaluation import tags as answers
from tl_core.features.batches import balancing_weights_each
from tl_core.freezing import probe
from tl_core.metrics import logistic
from tl_core.networks import catalogue
from tl_core.recipe import Head
from tl_core.runs import RunFolder
from tl_core.tasks import table as tasks
from tl_core.workspace import Project, Workspace

SIZE = 64
HEAD = Head(activation="sigmoid", several=True)


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Project:
    root = tmp_path_factory.mktemp("tagged")
    workspace = share_weights(Workspace.open(root / "workspace"))
    return api.import_folder(workspace, tagged.lay(root / "lamps", 48))[0]


def trained(project: Project, **changes) -> RunFolder:
    draft = replace(tasks.of(project).draft(None, manifest.load(project)), image_size=SIZE, **changes)
    return api.train(project, draft)


@pytest.fixture(scope="module")
def run(project) -> RunFolder:
    return trained(project)


def test_each_tag_has_a_probability_of_its_own(run):
    model = keras.models.load_model(run.model_path, compile=False)
    listed = manifest.of_run(run).split("validation")
    pictures = np.stack([shown(run, id_) for id_ in listed["id"]])
    said = model.predict(pictures, verbose=0)
    assert said.shape == (len(listed), 2)
    stored = answers.load(run, "validation")
    assert np.abs(said - stored.probabilities).max() < 1e-3
    assert (stored.truth == tags.matrix(listed["label"].tolist(), run.classes)).all()
    assert {round(float(row.sum()), 1) for row in said} != {1.0}


def shown(run: RunFolder, id_: str) -> np.ndarray:
    return image.pixels(manifest.image_path(run.project, id_).read_bytes(), SIZE)


def test_the_thresholds_are_those_of_the_validation_pictures(run):
    thresholds, validation = answers.thresholds_of(run), answers.load(run, "validation")
    assert thresholds.chosen_on == len(validation)
    assert thresholds == answers.choose_thresholds(validation)
    assert run.report().validation.accuracy == answers.results_of(run).accuracy


def test_one_regression_a_tag_is_the_regression_of_each():
    draw = np.random.default_rng(0)
    features = draw.normal(size=(60, 8)).astype(np.float32)
    labels = (features[:, :3] + draw.normal(size=(60, 3)) > (0, 1, 10)).astype(np.int64)
    weights = balancing_weights_each(labels)
    both = list(logistic.path_each(features, labels, weights, [3.0, 0.3]))
    for at in (0, 1):
        alone = list(logistic.path(features, labels[:, at], weights[:, at], 2, [3.0, 0.3]))
        for one, other in zip(both, alone, strict=True):
            assert np.allclose(one.kernel[:, at], other.kernel[:, 0], atol=1e-5)
    assert (both[0].logits(features)[:, 2] < -10).all(), "nothing has the third"
    first, last = (logistic.binary_cross_entropy(each.logits(features), labels, weights) for each in both)
    assert last < first


def test_weights_balance_each_tag():
    labels = np.array([[1, 1], [0, 1], [0, 1], [0, 0]])
    weights = balancing_weights_each(labels)
    for at in (0, 1):
        assert weights[labels[:, at] == 1, at].sum() == pytest.approx(weights[labels[:, at] == 0, at].sum())


@pytest.mark.slow
def test_gradient_descent_learns_the_same_and_goes_on_after_a_restart(project):
    draft = Draft(image_size=SIZE, epochs=2, solver="adam", freeze="block_14_add", fine_tune_epochs=2, head=HEAD)
    recipe = draft.recipe(manifest.load(project).version, 2, catalogue.get(None))
    whole = api.train(project, recipe)
    killed = runs.create(project, recipe)
    kill = KillAt(END_OF_HEAD, MID_FINE_TUNE)
    while kill.points:
        with pytest.raises(Killed):
            jobs.execute(killed.folder, jobs.this_process(), kill)
    jobs.execute(killed.folder, jobs.this_process())
    assert [row.loss for row in killed.history().rows] == [row.loss for row in whole.history().rows]
    assert (answers.load(killed, "validation").logits == answers.load(whole, "validation").logits).all()
    first, last = whole.history().rows[0], whole.history().rows[-1]
    assert last.loss < first.loss


def test_a_head_for_one_label_is_refused(project):
    recipe = Draft(image_size=SIZE).recipe(manifest.load(project).version, 2, catalogue.get(None))
    with pytest.raises(InputError, match="Choose a head for several labels"):
        api.train(project, recipe)
    assert api.train(project, Draft(image_size=SIZE)).recipe.head.several, "a draft is made to fit"
    with pytest.raises(InputError, match="each label has a sigmoid"):
        Head(several=True)


def test_rare_and_constant_tags_are_trained_on(tmp_path):
    workspace = share_weights(Workspace.open(tmp_path / "workspace"))
    folder = tagged.lay(tmp_path / "lamps", 32)
    rows = (folder / "tags.csv").read_text().splitlines()
    more = ["every,once,never", *(f"1,{int(number == 5)},0" for number in range(32))]
    (folder / "tags.csv").write_text("\n".join(f"{row},{each}" for row, each in zip(rows, more, strict=True)))
    project, report = api.import_folder(workspace, folder)
    assert "All pictures have “every”" in " ".join(report.notes)
    run = trained(project)
    assert run.classes == ["dark", "every", "once", "red"]
    found = {row.label: row for row in answers.results_of(run).tags}
    assert found["every"].recall == 1.0
    assert (found["once"].support, found["once"].recall) == (0, None)
    evaluation = api.evaluate(run)
    assert evaluation.mean_average_precision is not None


@pytest.mark.slow
def test_each_block_is_probed_by_the_order_of_each_tag(project):
    result = probe.probe(project, "efficientnet-lite0", SIZE)
    train, validation = (len(manifest.load(project).split(split)) for split in ("train", "validation"))
    assert (result.n, result.several, round(result.chance, 1)) == (train + validation, True, 0.5)
    for block in result.blocks:
        assert block.interval[0] <= block.accuracy <= block.interval[1]
    assert max(block.accuracy for block in result.blocks) > 0.95
    assert "mean average precision" in result.why
