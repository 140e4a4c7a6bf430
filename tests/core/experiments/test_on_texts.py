"""Experiments on texts, from the command line: a small network, and what the words alone bring beside it."""

import json

import pytest

from tests.core.experiments.letters import project_of_letters
from tl_core.cli.parser import main
from tl_core.experiments import curve_words, experiment, learning_curve


@pytest.fixture(scope="module")
def letters(tmp_path_factory):
    return project_of_letters(tmp_path_factory.mktemp("letters"))


@pytest.fixture
def thaw(letters, capfd):
    """Return a function that runs a command on the project, and returns its exit code and what it prints."""
    project, _network = letters

    def run(command, *options):
        capfd.readouterr()
        where = ("--workspace", project.workspace.root, *options)
        return main([command, project.slug, *map(str, where)]), *capfd.readouterr()

    return run


def test_the_curve_of_texts_has_the_words_alone_beside_it(letters, thaw):
    project, network = letters
    code, stdout, _ = thaw("learning-curve", "--backbone", network, "--json")
    answer = json.loads(stdout)

    assert code == 0
    assert answer["backbone"] == network
    assert len(answer["points"]) == len(answer["baseline"]) >= 4
    assert set(answer["classes"]) == {"k", "z"}
    assert "by the words alone (TF-IDF)" in answer["in_words"]
    (part,) = experiment.newest(project, learning_curve.KIND).parts()
    one, other = (learning_curve.load(part.folder, name) for name in (learning_curve.FILE, learning_curve.BESIDE))
    assert (one.fold == other.fold).all(), "both are asked the same"
    assert (other.right >= 0).all()
    assert curve_words.without(one, None) == ""


def test_a_network_for_pictures_is_refused(thaw):
    code, stdout, stderr = thaw("learning-curve", "--backbone", "efficientnet-lite0")

    assert (code, stdout) == (2, "")
    assert "holds texts" in stderr
