import pytest

from tl_core.draft import Draft
from tl_core.features import converted
from tl_core.networks import activations, catalogue
from tl_core.training import ahead


def refused():
    raise AssertionError("nothing has to be built")


@pytest.mark.slow
def test_a_network_is_converted_for_the_run_that_comes_before_there_are_pictures(workspace):
    recipe = Draft(image_size=64).recipe(0, 0, catalogue.get(None)).first_pass
    cache = activations.cache_before(recipe, workspace, "all", refused)
    file = converted.file(workspace.converted, cache.key())
    file.unlink(missing_ok=True)

    ahead.convert(recipe, workspace)

    assert file.is_file()


def test_a_network_without_its_weights_is_left_to_the_run(workspace, monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    recipe = Draft(backbone="vgg16").recipe(0, 0, catalogue.get("vgg16")).first_pass

    ahead.convert(recipe, workspace)

    assert not list(workspace.converted.glob(f"*{converted.SUFFIX}"))
