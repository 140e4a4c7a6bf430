"""The options of ``train``: they are fields of the draft that the pages fill, with its defaults."""

import dataclasses

import pytest

from tl_core.cli import train
from tl_core.cli.parser import parser
from tl_core.draft import Draft
from tl_core.errors import InputError
from tl_core.networks import catalogue


def recipe(*options, classes=2):
    return train.recipe_of(parser().parse_args(["train", "photos", *options]), 1, classes)


def test_without_options_the_command_trains_what_the_page_trains():
    assert recipe() == Draft().recipe(1, 2, catalogue.get(None))
    assert recipe(classes=3).head.activation == "softmax"


def test_every_option_is_a_field_of_the_draft():
    assert set(train.OPTIONS) <= {field.name for field in dataclasses.fields(Draft)}


def test_options_are_read_as_their_types_say():
    made = recipe(
        *("--freeze", "none", "--weights", "random", "--learning-rate", "3e-3", "--fine-tune-epochs", "2"),
        *("--keep-frozen", "conv_1", "DepthwiseConv2D", "--train-batch-norm", "--image-size", "96"),
    )
    assert (made.freeze, made.weights, made.image_size, made.fine_tune_epochs) == ("none", "random", 96, 2)
    assert made.keep_frozen == ("conv_1", "DepthwiseConv2D")
    assert made.learning_rate == made.fine_tune_learning_rate == 3e-3


def test_fine_tuning_that_is_asked_for_is_not_dropped_where_everything_is_frozen():
    with pytest.raises(InputError, match="the whole network is frozen"):
        recipe("--fine-tune-epochs", "2")


def test_a_choice_that_there_is_not_is_refused(capsys):
    with pytest.raises(SystemExit):
        recipe("--augmentation", "wild")
    assert "off" in capsys.readouterr().err
