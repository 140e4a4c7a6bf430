"""Texts through the same house as pictures: a head on a frozen BERT, its upper blocks, answers, and what is refused."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.conftest import Once
from tests.shop import trained
from tl_core import api, jobs, runs
from tl_core.cli.parser import main
from tl_core.dataset import manifest
from tl_core.errors import InputError
from tl_core.evaluation import word_counts
from tl_core.experiments import race
from tl_core.networks import bert_weights, catalogue, saved, text_catalogue
from tl_core.runs import RunFolder
from tl_core.tasks import table, texts
from tl_core.text.sample import SHOP
from tl_core.workspace import Project


@pytest.fixture(scope="module")
def run(once: Once, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A head on the frozen network, as by default."""
    return trained(once, tmp_path_factory.mktemp("workspace"))


@pytest.fixture(scope="module")
def shop(run: RunFolder) -> Project:
    return run.project


def test_a_table_is_read_as_texts_and_a_folder_of_pictures_is_not(pictures: Path, tmp_path: Path):
    assert table.of_path(SHOP).id == "texts"
    assert table.of_path(pictures).id == "pictures"
    for label in ("spam", "ham"):
        (tmp_path / "mails" / label).mkdir(parents=True)
        (tmp_path / "mails" / label / "1.txt").write_text("Hello")
    assert table.of_path(tmp_path / "mails").id == "texts"
    (pictures / "labels.csv").write_text("file,label\n")
    assert table.of_path(pictures).id == "pictures", "the table gives the labels of pictures"


def test_texts_are_read_as_long_as_nearly_all_of_them_are(shop: Project):
    network = text_catalogue.get(None)
    length = texts.length(manifest.load(shop), network)
    pieces = bert_weights.tokenizer(network).lengths(manifest.load(shop).table["text"].tolist())
    assert length % texts.STEP == 0
    assert (pieces <= length).mean() >= texts.WHOLE
    assert length - texts.STEP < np.quantile(pieces, texts.WHOLE) or length == 2 * texts.STEP


def test_where_many_texts_are_learned_from_the_head_learns_gently_before_blocks_do(shop: Project):
    few = manifest.load(shop)
    many = replace(few, table=pd.concat([few.table] * 6, ignore_index=True))
    assert texts.TASK.draft(None, few).changed(freeze="block_08_out").solver == "lbfgs"
    draft = texts.TASK.draft(None, many).changed(freeze="block_08_out")
    assert (draft.solver, draft.learning_rate, draft.epochs, draft.head.pooling) == ("adam", 0.003, 4, "first")


def test_a_head_on_a_frozen_network_tells_texts_apart(run: RunFolder):
    report = run.report()
    assert report is not None
    assert report.validation.accuracy >= 0.8
    assert run.recipe.head.pooling == "first"
    model = saved.of_run(run)
    assert model.input.shape == (None, None), "it takes texts of any length"
    measured = word_counts.load(run)
    assert measured is not None
    assert measured.model.accuracy == report.validation.accuracy
    assert "TF-IDF" in measured.sentence()


def test_new_texts_are_answered(run: RunFolder):
    said = api.predict(run, ["Where is my parcel?", b"I love this shop, thank you!", " \n "])
    assert [each.classes[0].label for each in said[:2]] == ["question", "praise"]
    assert said[0].before is None, "a network for texts has no classes of its own"
    assert said[2].error == "There is no text. Write at least one word."
    assert api.evaluate(run).accuracy >= 0.7


@pytest.mark.slow
def test_upper_blocks_learn_and_the_rest_stays(shop: Project, run: RunFolder):
    draft = replace(table.of(shop).draft(None, manifest.load(shop)), freeze="block_11_out", fine_tune_epochs=1)
    tuned = api.train(shop, draft)
    before, after = saved.of_run(run), saved.of_run(tuned)
    changed = {
        layer.name
        for layer in before.layers
        if any(
            not np.array_equal(a, b) for a, b in zip(layer.weights, after.get_layer(layer.name).weights, strict=True)
        )
    }
    assert any(name.startswith("block_12") for name in changed)
    assert not any(name.startswith(("embeddings", *(f"block_{n:02d}" for n in range(1, 12)))) for name in changed)


def test_what_is_for_pictures_is_refused_with_a_sentence(shop: Project):
    usual = table.of(shop).draft(None, manifest.load(shop))
    changed = runs.create(shop, replace(usual, augmentation="gentle").recipe(1, 3, text_catalogue.get(None)))
    with pytest.raises(InputError, match="Texts cannot be changed at random"):
        jobs.execute(changed.folder)
    flat = runs.create(
        shop, replace(usual, head=replace(usual.head, pooling="flatten")).recipe(1, 3, text_catalogue.get(None))
    )
    with pytest.raises(InputError, match="pooling “flatten” is not for this network"):
        jobs.execute(flat.folder)
    long = runs.create(shop, replace(usual, image_size=1024).recipe(1, 3, text_catalogue.get(None)))
    with pytest.raises(InputError, match="Choose a value from 16 to 512"):
        jobs.execute(long.folder)
    other = runs.create(shop, replace(usual, backbone="efficientnet-lite0").recipe(1, 3, catalogue.get(None)))
    with pytest.raises(InputError, match=r"takes pictures, and “shop\.csv” holds texts"):
        jobs.execute(other.folder)
    with pytest.raises(InputError, match="takes pictures"):
        race.create(shop, replace(usual, backbone="efficientnet-lite0"), epochs=2)


def test_commands_for_pictures_are_refused_for_texts(shop: Project, run: RunFolder, capfd: pytest.CaptureFixture[str]):
    file = str(shop.folder / "x.zip")
    commands = (
        ["check", shop.slug],
        ["dataset", shop.slug, "--as", "csv", "--to", file],
        ["mistakes", run.reference, "--to", file],
    )
    for command in commands:
        assert main([*command, "--json", "--workspace", str(shop.workspace.root)]) == 2, command
        said = capfd.readouterr()
        assert "holds texts, and this is for pictures so far" in said.err
        assert said.out == ""


def test_what_is_said_of_a_run_speaks_of_texts(shop: Project, run: RunFolder, capfd: pytest.CaptureFixture[str]):
    file = str(shop.folder / "train.csv")
    commands = (
        ["evaluate", run.reference],
        ["crossval", run.reference],
        ["compare", run.reference, run.reference],
        ["runs"],
        ["predictions", run.reference, "--split", "train", "--to", file],
    )
    for command in commands:
        assert main([*command, "--workspace", str(shop.workspace.root)]) == 0, command
        assert "picture" not in capfd.readouterr().out, command
