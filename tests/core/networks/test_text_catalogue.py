import dataclasses
import json
import subprocess
import sys
from typing import get_args

import pytest

from tests.core.networks import bert_files
from tests.core.networks.bert_files import BERT, DISTILBERT
from tl_core.errors import InputError
from tl_core.freezing import names, outline
from tl_core.networks import bert_config, bert_weights, tables, text_catalogue
from tl_core.networks.text_catalogue import CATALOGUE, Pooling
from tl_core.workspace import Workspace

ROWS = pytest.mark.parametrize("row", CATALOGUE, ids=lambda row: row.id)


def test_ids_are_unique_and_the_default_needs_no_network():
    assert len({row.id for row in CATALOGUE}) == len(CATALOGUE)
    assert text_catalogue.get(None).package


@ROWS
def test_every_row_is_complete(row):
    missing = {name for name, value in dataclasses.asdict(row).items() if value in ("", None)}
    assert not missing, f"the row of {row.id} in text_catalogue.CATALOGUE lacks: {', '.join(sorted(missing))}"
    assert row.pooling in get_args(Pooling)
    assert len(row.advice) < 90


@ROWS
def test_every_row_says_what_its_package_says(row):
    assert bert_config.read(bert_weights.source(row).parent / "config.json") == row.config
    tokenizer = bert_weights.tokenizer(row)
    assert tokenizer.size == row.config.vocabulary
    assert row.lower is not tokenizer.has_capitals


def test_an_unknown_id_is_answered_with_near_ones():
    with pytest.raises(InputError, match="bge-small"):
        text_catalogue.get("bge-smal")


def test_a_folder_makes_a_row_that_its_id_finds_again(tmp_path):
    row = text_catalogue.local(bert_files.write(tmp_path / "my bert", DISTILBERT))
    assert (row.title, row.family, row.lower, row.pooling) == ("my bert", "DistilBERT", True, "average")
    assert (row.parameters, row.width, row.blocks, row.most_tokens) == (DISTILBERT.parameters, 12, 2, 24)
    assert text_catalogue.get(row.id) == row


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "vocab.txt"])
def test_a_missing_file_is_named(tmp_path, name):
    (bert_files.write(tmp_path, BERT) / name).unlink()
    with pytest.raises(InputError, match=f"has no {name}\\."):
        text_catalogue.local(tmp_path)


def test_all_missing_files_are_named(tmp_path):
    with pytest.raises(InputError, match=r"config\.json, model\.safetensors and vocab\.txt\. A network"):
        text_catalogue.local(tmp_path / "nowhere")


def test_capitals_count_if_the_folder_or_the_vocabulary_says_so(tmp_path):
    folder = bert_files.write(tmp_path, BERT)
    assert text_catalogue.local(folder).lower
    (folder / "vocab.txt").write_text("\n".join([*bert_files.PIECES[:-1], "Ice"]))
    assert not text_catalogue.local(folder).lower
    (folder / "tokenizer_config.json").write_text('{"do_lower_case": true}')
    assert text_catalogue.local(folder).lower


@pytest.mark.parametrize("field", ["strip_accents", "tokenize_chinese_chars"])
def test_a_tokenizer_of_another_kind_is_refused_by_name(tmp_path, field):
    folder = bert_files.write(tmp_path, BERT)
    (folder / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": True, field: False}))
    with pytest.raises(InputError, match=f"{field} = False"):
        text_catalogue.local(folder)


@pytest.mark.parametrize(
    ("mode", "pooling"),
    [("cls_token", "first"), ("mean_tokens", "average"), ("max_tokens", "max"), ("weightedmean_tokens", "average")],
)
def test_the_pooling_of_sentence_transformers_is_read(tmp_path, mode, pooling):
    folder = bert_files.write(tmp_path, BERT)
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({f"pooling_mode_{mode}": True}))
    assert text_catalogue.local(folder).pooling == pooling


def test_pages_read_it_without_tensorflow():
    code = """
import sys
from tl_core.networks import bert_weights, text_catalogue
row = text_catalogue.get(None)
assert bert_weights.source(row) and len(bert_weights.tokenizer(row).lengths(["one text"])) == 1
sys.exit(bool({"tensorflow", "keras", "onnx"} & set(sys.modules)))
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_folder_that_is_gone_harms_no_list_of_runs(tmp_path):
    gone = f"{text_catalogue.LOCAL}{tmp_path / 'my-bert'}"
    assert tables.title(gone) == "my-bert"
    assert names.short(gone) == "my-bert"
    assert outline.load(Workspace.open(tmp_path / "workspace"), gone) is None
