import dataclasses

import pytest

from tl_core.draft import Draft
from tl_core.freezing import estimates, outline
from tl_core.freezing.estimates import Data
from tl_core.freezing.outline import Outline
from tl_core.freezing.speed import Speed
from tl_core.networks import backbone, catalogue, cut
from tl_core.networks.model import set_trainable
from tl_core.networks.structure import Block, Layer
from tl_core.recipe import Head

SIGMOID = Head(activation="sigmoid")


def layer(name, kind, channels, parameters):
    return Layer(name=name, type=kind, shape=(8, 8, channels), parameters=parameters)


def block(id_, shape, work, *layers):
    parameters = sum(each.parameters for each in layers)
    about = {"id": id_, "label": id_, "shape": shape, "receptive_field": None}
    return Block(layers=layers, parameters=parameters, multiply_adds=work, **about)


OUTLINE = Outline(
    size=64,
    note=None,
    blocks=(
        block("stem", (32, 32, 4), 100, layer("conv", "Conv2D", 4, 112), layer("norm", "BatchNormalization", 4, 16)),
        block("middle", (16, 16, 8), 300, layer("deep", "DepthwiseConv2D", 8, 72), layer("wide", "Conv2D", 8, 40)),
        block("top", (8, 8, 10), 600, layer("last", "Conv2D", 10, 90), layer("end", "BatchNormalization", 10, 30)),
    ),
)


def data(train=320, validation=80, **choices):
    draft = Draft(**{"image_size": 64, **choices})
    return Data.of(draft, catalogue.get(None), train=train, validation=validation)


DATA = data()


def measured(rate=10.0, size=64):
    return Speed(pictures_per_second=rate, pictures=1, batch=1, size=size, device="", date="")


def estimate(frozen, data=DATA, head=SIGMOID, classes=2, **changes):
    return estimates.estimate(OUTLINE, frozen, data, head=head, classes=classes, **changes)


def test_parameters_on_both_sides_of_the_line_with_the_head():
    assert (estimate(3).trainable, estimate(3).frozen) == (11, 360)
    assert (estimate(2).trainable, estimate(2).frozen) == (11 + 90, 360 - 90)
    assert (estimate(0).trainable, estimate(0).frozen) == (11 + 112 + 72 + 40 + 90, 46)


def test_batch_norm_trains_only_if_asked_and_never_its_statistics():
    # The last layer has no scale: 30 parameters are an offset, a mean and a variance for each of ten channels.
    assert estimate(2, train_batch_norm=True).trainable == 11 + 90 + 10


def test_layers_stay_frozen_by_name_and_by_type():
    assert estimate(1, keep_frozen=["wide"]).trainable == 11 + 72 + 90
    assert estimate(1, keep_frozen=["Conv2D"]).trainable == 11 + 72


@pytest.mark.parametrize(
    ("head", "classes", "parameters"),
    [
        (SIGMOID, 2, 11),
        (Head(), 3, 33),
        (Head(hidden=4), 3, 44 + 15),
        (Head(pooling="flatten"), 2, 2 * 641),
    ],
)
def test_the_parameters_of_a_head(head, classes, parameters):
    assert estimates.head_parameters(OUTLINE, head, classes, 64) == parameters


def test_the_cache_holds_the_map_at_the_line_and_the_pooled_numbers_at_the_top():
    assert estimate(2).cache_bytes == 400 * (16 * 16 * 8 + 10) * 4
    for frozen in (0, 3):
        assert estimate(frozen).cache_bytes == 400 * 10 * 4


def test_the_cache_follows_size_precision_and_variants():
    assert estimate(2, data(image_size=128)).cache_bytes == 400 * (4 * 2048 + 10) * 4
    assert estimate(2, data(cache_precision="float16")).cache_bytes == 400 * 2058 * 2
    variants = data(augmentation="full", augmentation_variants=3)
    assert estimate(2, variants).cache_bytes == (3 * 320 + 80) * 2058 * 4


def test_without_a_measured_speed_there_is_no_time():
    assert (estimate(1).first_pass, estimate(1).epoch) == (None, None)


def test_times_follow_the_multiply_adds_on_both_sides_of_the_line():
    cost = estimate(2, speed=measured())
    assert cost.first_pass == pytest.approx(400 * 0.1 * (1 + 0.4))
    assert cost.epoch == pytest.approx((320 * 3 + 80) * 0.1 * 0.6, rel=0.02)
    everything = estimate(3, speed=measured())
    assert everything.first_pass == pytest.approx(40)
    assert everything.epoch < 1


def test_larger_pictures_take_longer_by_their_area():
    cost = estimate(3, speed=measured(size=32))
    assert cost.first_pass == pytest.approx(160)


def test_the_lower_the_line_the_longer_an_epoch():
    epochs = [estimate(frozen, speed=measured()).epoch for frozen in range(4)]
    assert epochs == sorted(epochs, reverse=True)


def test_live_augmentation_caches_nothing_and_runs_the_frozen_part_in_every_epoch():
    live = estimate(3, data(augmentation="full", augmentation_variants=0), speed=measured())
    assert (live.cache_bytes, live.first_pass) == (0, 0)
    assert live.epoch > 40


@pytest.mark.parametrize("norm", [False, True])
def test_the_count_is_that_of_keras(workspace, norm):
    drawn = outline.draw(workspace.root, "efficientnet-lite0")
    spec = catalogue.get("efficientnet-lite0")
    network = backbone.build(spec, 64, weights="random", workspace=workspace)
    trunk, tail = cut.split(network, drawn.blocks[11].id)
    set_trainable(trunk, tail, norm)

    cost = estimates.estimate(drawn, 12, data(1, 1), head=SIGMOID, classes=2, train_batch_norm=norm)

    trained = sum(int(weight.shape.num_elements()) for weight in (each.value for each in tail.trainable_weights))
    assert cost.trainable == trained + 1281
    assert cost.trainable + cost.frozen == network.count_params() + 1281


def test_the_first_pass_goes_at_the_speed_of_the_converted_blocks_once_each_line_is_converted():
    quick = dataclasses.replace(measured(), looking_per_second=100.0, convert_seconds=4.0)
    at_tenfold_speed = estimate(3, speed=measured()).first_pass / 10
    assert estimate(3, speed=quick).first_pass == pytest.approx(4 + at_tenfold_speed)
    assert estimate(2, speed=quick).first_pass > 2 * 4, "the whole network for the head, then the blocks to the line"
    assert estimate(2, speed=quick).epoch == estimate(2, speed=measured()).epoch


def test_a_run_takes_its_passes_and_its_epochs():
    row, speed = catalogue.get(None), measured(100.0)

    def whole(**choices):
        draft = Draft(**{"image_size": 64, "solver": "adam", **choices})
        recipe = draft.recipe(1, 2, row)
        part = Data.of(recipe, row, train=320, validation=80)
        return estimates.seconds(OUTLINE, recipe, part, classes=2, speed=speed)

    top, middle = (estimate(frozen, data(), speed=speed) for frozen in (3, 2))
    bottom = estimate(0, data(), speed=speed, train_batch_norm=True)  # from scratch it trains, too
    assert bottom.epoch == pytest.approx(2 * estimate(0, data(), speed=speed).epoch, rel=0.15)
    assert whole(epochs=4) == pytest.approx(top.first_pass + 4 * top.epoch)
    assert whole(solver="lbfgs") == pytest.approx(top.first_pass)
    tuned = whole(epochs=4, freeze="middle", fine_tune_epochs=3)
    ready = estimates.READY_SECONDS
    assert tuned == pytest.approx(middle.first_pass + 4 * top.epoch + 2 * ready + 3 * middle.epoch)
    scratch = whole(weights="random", freeze="none", epochs=0, fine_tune_epochs=5)
    assert scratch == pytest.approx(2 * 6 * ready + 5 * bottom.epoch)
    assert scratch > whole(epochs=5)
