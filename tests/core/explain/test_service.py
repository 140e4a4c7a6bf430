import numpy as np
import pytest

from tests.core.hues import new_run
from tests.core.pictures import StopAfter, picture
from tl_core import jobs
from tl_core.dataset import manifest
from tl_core.errors import InputError, NotFoundError, Stopped
from tl_core.evaluation import predict, predictions
from tl_core.explain import class_maps, service
from tl_core.progress import Progress
from tl_core.runs import RunFolder

HEADS = ("head", pytest.param("flatten", marks=pytest.mark.slow))


@pytest.fixture(scope="module", params=HEADS)
def run(hues_with, tmp_path_factory, request):
    return RunFolder(hues_with(tmp_path_factory.mktemp("explain"), request.param).runs / request.param)


@pytest.fixture(scope="module")
def project(run):
    return run.project


def test_a_stored_picture_is_explained(run, project):
    result = predictions.load(run, "validation")
    id_ = result.ids[0]
    path = str(manifest.image_path(project, id_))
    heat_map = service.grad_cam(run.folder, path)
    assert heat_map.label == result.classes[result.predicted[0]]
    assert heat_map.probabilities == pytest.approx(
        dict(zip(result.classes, result.probabilities[0], strict=True)), abs=2e-3
    )
    assert heat_map.probability == max(heat_map.probabilities.values())
    assert heat_map.heat.shape == (2, 2)
    for label in result.classes:
        other = service.grad_cam(str(run.folder), path, label)
        assert other.label == label
        assert other.heat.max() in (0, 1)
    features = predict.features_of(run.folder, path)
    np.testing.assert_allclose(features, result.features[0], rtol=0.02, atol=0.02)


def test_parts_of_a_picture_are_covered(run, project):
    result = predictions.load(run, "train")
    covered = service.cover(run.folder, str(manifest.image_path(project, result.ids[0])), result.classes[0])
    assert covered.sweep.positions == 9
    assert 0 <= covered.sweep.lowest <= 1
    assert covered.check is None or covered.check.before == covered.sweep.before
    assert covered.check is None or len(covered.check.sentences("cold")) == 2


def test_the_average_of_a_class_is_stored_with_the_run(run, project, tmp_path):
    result = predictions.load(run, "train")
    label = result.classes[0]
    ids = class_maps.sample(result, label)
    assert len(ids) == 6
    args = {"run": str(run.folder), "label": label, "ids": ids, "others": class_maps.others(result, label)}
    assert class_maps.load(run, label, ids) is None
    with pytest.raises(Stopped):
        service.run(tmp_path, StopAfter(1), **args)
    job = jobs.create_in(project.workspace, "class-map", **args)
    jobs.execute(job.folder)
    average = class_maps.load(run, label, ids)
    assert average.n + average.empty == 6
    assert average.heat.shape == (2, 2)
    assert average.swap.n == 6
    assert f"“{label}” gets" in " ".join(average.sentences())
    service.run(tmp_path, Progress(), **{**args, "others": []})
    assert class_maps.load(run, label, ids).swap is None
    assert class_maps.load(run, label, ids[1:]) is None


def test_new_pictures_are_explained_and_what_is_wrong_is_said(run, project, tmp_path):
    assert service.grad_cam(run.folder, picture(5, "JPEG")).probability > 0
    with pytest.raises(InputError, match="has no class “horse”"):
        service.grad_cam(run.folder, picture(5), "horse")
    with pytest.raises(InputError, match="cannot be read"):
        service.cover(run.folder, str(tmp_path / "gone.jpg"), run.classes[0])
    with pytest.raises(NotFoundError, match="has no model"):
        predict.features_of(new_run(project).folder, picture(5))


def test_the_model_is_loaded_once(run):
    model = predict.load(run)
    assert predict.load(run) is model
