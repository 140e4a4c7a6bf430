import dataclasses
import json

import pytest

from tests.core.networks import bert_files
from tl_core.errors import InputError
from tl_core.networks import bert, bert_config


@pytest.fixture
def read(tmp_path):
    """Return a function that reads a ``config.json`` with some fields changed; None leaves one out."""

    def changed(config=bert_files.BERT, **other):
        fields = {name: value for name, value in {**bert_files.fields(config), **other}.items() if value is not None}
        (tmp_path / "config.json").write_text(json.dumps(fields))
        return bert_config.read(tmp_path / "config.json")

    return changed


@pytest.mark.parametrize("config", bert_files.CONFIGS.values(), ids=bert_files.CONFIGS)
def test_sizes_are_read_and_parameters_are_those_of_the_built_network(read, config):
    assert read(config) == config
    assert config.parameters == bert.build(config, 8).count_params()


def test_epsilon_is_read(read):
    assert read(layer_norm_eps=1e-5) == dataclasses.replace(bert_files.BERT, epsilon=1e-5)


@pytest.mark.parametrize("kind", ["roberta", "albert", "xlm-roberta", "deberta-v2", "gpt2"])
def test_another_type_is_refused_with_those_that_can_be_read(read, kind):
    with pytest.raises(InputError, match=f"“{kind}”.*bert and distilbert"):
        read(model_type=kind)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hidden_act", "gelu_new"),
        ("hidden_act", "relu"),
        ("position_embedding_type", "relative_key"),
        ("is_decoder", True),
        ("add_cross_attention", True),
        ("pad_token_id", 1),
    ],
)
def test_a_bert_of_another_kind_is_refused_by_name(read, field, value):
    with pytest.raises(InputError, match=f"{field} = {json.dumps(value)}"):
        read(**{field: value})


def test_a_distilbert_with_another_activation_is_refused_by_name(read):
    with pytest.raises(InputError, match='activation = "relu"'):
        read(bert_files.DISTILBERT, activation="relu")


@pytest.mark.parametrize("value", [None, 0, -1, "12", 1.5, True])
def test_a_size_that_is_none_is_refused_by_name(read, value):
    with pytest.raises(InputError, match="num_hidden_layers is"):
        read(num_hidden_layers=value)


def test_heads_have_to_divide_the_width(read):
    with pytest.raises(InputError, match="5 heads"):
        read(num_attention_heads=5)


def test_an_epsilon_that_is_none_is_refused_by_name(read):
    with pytest.raises(InputError, match="layer_norm_eps is 2"):
        read(layer_norm_eps=2)


@pytest.mark.parametrize("content", ["", "{", "[]", "7"])
def test_what_is_no_config_is_refused(tmp_path, content):
    (tmp_path / "config.json").write_text(content)
    with pytest.raises(InputError, match=r"config\.json"):
        bert_config.read(tmp_path / "config.json")
