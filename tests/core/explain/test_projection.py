import numpy as np
import pytest

from tests.core.pictures import StopAfter
from tl_core import jobs
from tl_core.errors import InputError, NotFoundError, Stopped
from tl_core.evaluation import predictions
from tl_core.evaluation.predictions import Predictions
from tl_core.explain import projection
from tl_core.files import write_bytes
from tl_core.progress import Progress
from tl_core.recipe import Recipe
from tl_core.runs import create


def groups(counts, channels=12, split="train", seed=0):
    """Return answers with one cluster of features for each class; the model is right but for the first picture."""
    chance = np.random.default_rng(seed)
    truth = np.repeat(np.arange(len(counts)), counts)
    centres = 6 * np.eye(len(counts), channels)
    predicted = np.where(np.arange(len(truth)) == 0, (truth + 1) % len(counts), truth)
    return Predictions(
        split=split,
        classes=[f"class {number}" for number in range(len(counts))],
        ids=[f"{split}-{number}" for number in range(len(truth))],
        truth=truth,
        logits=5 * np.eye(len(counts), dtype=np.float32)[predicted],
        features=(centres[truth] + chance.normal(0, 1, (len(truth), channels))).astype(np.float32),
        temperature=1.0,
        groups=np.arange(len(truth)),
    )


@pytest.mark.parametrize("shape", [(40, 12), (8, 30), (2, 5), (1, 4)])
def test_principal_components_keep_the_greatest_distances(shape):
    features = np.random.default_rng(1).normal(size=shape).astype(np.float32) @ np.diag(np.arange(1, shape[1] + 1))
    result = projection.principal(features, 2)
    assert result.scores.shape == (shape[0], 2)
    centred = features - features.mean(axis=0)
    variance = (centred**2).sum()
    np.testing.assert_allclose((result.scores**2).sum(axis=0), result.shares * variance, rtol=1e-4, atol=1e-6)
    assert result.shares[0] >= result.shares[1] >= 0
    largest = np.linalg.svd(centred, compute_uv=False)[:2] ** 2
    np.testing.assert_allclose(result.shares[: len(largest)] * variance, largest, rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(result.scores, projection.principal(features.copy(), 2).scores)


def test_pictures_that_are_all_alike_lie_on_one_point():
    same = np.ones((7, 5), np.float32)
    assert not projection.principal(same, 2).scores.any()
    assert not projection.tsne(same, 0).any()


@pytest.mark.parametrize("counts", [(3, 2), (20, 15, 25)])
def test_neighbours_stay_together(counts):
    result = groups(counts)
    points = projection.tsne(result.features, seed=3)
    assert points.shape == (sum(counts), 2)
    assert np.isfinite(points).all()
    np.testing.assert_array_equal(points, projection.tsne(result.features, seed=3))
    if sum(counts) > 10:
        apart = np.linalg.norm(points[:, None] - points[None], axis=-1) + np.where(np.eye(len(points)), np.inf, 0)
        assert (result.truth[apart.argmin(1)] == result.truth).mean() > 0.9


def test_t_sne_refuses_too_few_pictures():
    with pytest.raises(InputError, match="5 pictures or more; these are 4"):
        projection.tsne(np.ones((4, 3), np.float32), 0)


def test_of_too_many_pictures_the_mistakes_stay(monkeypatch):
    monkeypatch.setattr(projection, "MOST", 10)
    train, validation = groups((15, 15)), groups((5, 5), split="validation")
    result = projection.select([train, validation])
    assert (len(result.ids), result.total) == (10, 40)
    assert {"train-0", "validation-0"} < set(result.ids)
    assert len(set(result.ids)) == 10
    row = {
        **dict(zip(train.ids, train.features, strict=True)),
        **dict(zip(validation.ids, validation.features, strict=True)),
    }
    np.testing.assert_array_equal(result.features, np.stack([row[id_] for id_ in result.ids]))
    assert projection.select([]).total == 0


@pytest.fixture
def run(project):
    made = create(project, Recipe(manifest=1, backbone="efficientnet-lite0", image_size=64, seed=0))
    write_bytes(made.model_path, b"a model")
    for split, counts in (("train", (9, 9)), ("validation", (3, 3))):
        predictions.save(made, groups(counts, split=split))
    return made


def test_the_job_stores_the_positions_with_the_run(run, workspace):
    splits = ["train", "validation"]
    assert projection.load(run, splits) is None
    job = jobs.create_in(workspace, "atlas", run=str(run.folder), parts=splits)
    jobs.execute(job.folder)
    result = projection.load(run, splits)
    assert set(result) == {f"train-{n}" for n in range(18)} | {f"validation-{n}" for n in range(6)}
    assert projection.load(run, ["train"]) is None
    write_bytes(run.model_path, b"another model")
    assert projection.load(run, splits) is None


def test_a_part_that_is_sealed_is_not_on_the_map(run, tmp_path):
    with pytest.raises(NotFoundError, match="train, test"):
        projection.run(tmp_path, Progress(), run=str(run.folder), parts=["train", "test"])
    with pytest.raises(Stopped):
        projection.run(tmp_path, StopAfter(0), run=str(run.folder), parts=["train"])
