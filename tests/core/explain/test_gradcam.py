import keras
import numpy as np
import pytest
from keras import layers

from tl_core.errors import InputError
from tl_core.explain.gradcam import Lens
from tl_core.networks.model import Network
from tl_core.recipe import Head

SIZE = 16
HEADS = [
    Head(pooling="average", activation="softmax", dropout=0.0),
    Head(pooling="average", activation="sigmoid", hidden=8, dropout=0.0),
    Head(pooling="max", activation="softmax", hidden=8, dropout=0.0),
    Head(pooling="flatten", activation="sigmoid", dropout=0.0),
]


def patches(count, seed=0):
    """Return dark noise, half of it with a bright patch somewhere, whether it has one, and where."""
    chance = np.random.default_rng(seed)
    pictures = chance.integers(0, 60, (count, SIZE, SIZE, 3)).astype(np.uint8)
    bright = np.arange(count) % 2
    corners = chance.integers(0, SIZE - 4, (count, 2))
    for picture, yes, (top, left) in zip(pictures, bright, corners, strict=True):
        if yes:
            picture[top : top + 4, left : left + 4] = 255
    return pictures, bright, corners


def backbone():
    """Return a small convolutional network with a feature map of 8 × 8."""
    picture = keras.Input((SIZE, SIZE, 3))
    x = layers.Rescaling(1 / 255)(picture)
    x = layers.Conv2D(8, 3, padding="same", activation="relu", name="first")(x)
    x = layers.MaxPooling2D()(x)
    return keras.Model(picture, layers.Conv2D(8, 3, padding="same", activation="relu", name="last")(x), name="eyes")


def fitted(model, pictures, bright):
    model.compile(keras.optimizers.Adam(0.02), loss="categorical_crossentropy")
    model.fit(pictures.astype(np.float32), np.eye(2)[bright], epochs=25, batch_size=32, verbose=0)
    return model


@pytest.mark.parametrize(
    "head",
    [HEADS[0], *(pytest.param(head, marks=pytest.mark.slow) for head in HEADS[1:])],
    ids=lambda head: f"{head.pooling}-{head.activation}-{head.hidden}",
)
def test_the_map_is_where_the_bright_patch_is(head):
    keras.utils.set_random_seed(1)
    model = fitted(Network(backbone, head, 2).whole(1.5), *patches(160)[:2])
    pictures, bright, corners = patches(24, seed=1)
    lens = Lens(model)
    assert (lens.layer, lens.grid) == ("last", (8, 8))
    maps, outputs = lens.maps(pictures, bright)
    np.testing.assert_allclose(outputs, model(pictures.astype(np.float32), training=False), atol=1e-5)
    assert (outputs.argmax(1) == bright).mean() > 0.9
    assert ((maps >= 0) & (maps <= 1)).all()
    shares = []
    for heat, (top, left) in zip(maps[bright == 1], corners[bright == 1], strict=True):
        inside = np.zeros((8, 8), bool)
        inside[max(0, top // 2 - 1) : top // 2 + 4, max(0, left // 2 - 1) : left // 2 + 4] = True
        shares.append(heat[inside].sum() / max(heat.sum(), 1e-9))
    assert np.median(shares) > 0.8


def test_after_average_pooling_and_a_linear_layer_it_is_the_class_activation_map():
    keras.utils.set_random_seed(2)
    eyes = backbone()
    model = Network(lambda: eyes, Head(dropout=0.0), 3).whole(2.0)
    pictures = patches(4)[0]
    maps = eyes(pictures.astype(np.float32)).numpy()
    kernel = model.get_layer("head_logits").kernel.numpy()
    for label in range(3):
        wanted = np.maximum(maps @ kernel[:, label], 0)
        result, _ = Lens(model).maps(pictures, np.full(4, label))
        scale = np.where(wanted.max(axis=(1, 2)) > 0, wanted.max(axis=(1, 2)), 1)
        np.testing.assert_allclose(result, wanted / scale[:, None, None], atol=1e-4)


def nested(kind):
    """Return the same network in one of the shapes that people save, and the flat one."""
    keras.utils.set_random_seed(3)
    eyes = backbone()
    picture, pool = keras.Input((SIZE, SIZE, 3)), layers.GlobalAveragePooling2D()
    dense = layers.Dense(2, activation="softmax", name="out")
    flat = keras.Model(eyes.input, dense(pool(eyes.output)))
    if kind == "sequential":
        return keras.Sequential([keras.Input((SIZE, SIZE, 3)), eyes, pool, dense]), flat
    if kind == "functional":
        return keras.Model(picture, dense(pool(eyes(picture, training=False)))), flat
    pooled = keras.Model(eyes.input, pool(eyes.output), name="pooled")
    if kind == "pooled inside":
        return keras.Model(picture, dense(pooled(picture))), flat
    top = keras.Sequential([keras.Input((8,)), dense], name="top")
    return keras.Sequential([keras.Input((SIZE, SIZE, 3)), keras.Sequential([pooled]), top]), flat


@pytest.mark.parametrize("kind", ["sequential", "functional", "pooled inside", "twice"])
def test_models_inside_models_are_looked_into(kind, tmp_path):
    model, flat = nested(kind)
    pictures, labels, _ = patches(4)
    wanted, probabilities = Lens(flat).maps(pictures, labels)
    assert wanted.any()
    model.save(tmp_path / "model.keras")
    for each in (model, keras.models.load_model(tmp_path / "model.keras", compile=False)):
        lens = Lens(each)
        result, outputs = lens.maps(pictures, labels)
        assert lens.layer == "last"
        np.testing.assert_allclose(result, wanted, atol=1e-5)
        np.testing.assert_allclose(outputs, probabilities, atol=1e-5)


def test_a_network_of_keras_applications_as_a_layer():
    eyes = keras.applications.MobileNetV2(include_top=False, weights=None, input_shape=(64, 64, 3), pooling="max")
    picture = keras.Input((64, 64, 3))
    model = keras.Model(picture, layers.Dense(1, activation="sigmoid")(layers.Dropout(0.3)(eyes(picture))))
    lens = Lens(model)
    assert (lens.layer, lens.grid) == ("out_relu", (2, 2))
    pictures = np.random.default_rng(0).integers(0, 255, (2, 64, 64, 3)).astype(np.uint8)
    for label in (0, 1):
        assert lens.maps(pictures, np.array([label] * 2))[0].shape == (2, 2, 2)


def test_of_two_classes_with_one_unit_each_has_its_map():
    keras.utils.set_random_seed(4)
    eyes, dense = backbone(), layers.Dense(1, activation="sigmoid")
    model = keras.Model(eyes.input, dense(layers.GlobalAveragePooling2D()(eyes.output)))
    pictures = patches(2)[0]
    signed = eyes(pictures.astype(np.float32)).numpy() @ dense.kernel.numpy()[:, 0]
    for label, sign in ((0, -1), (1, 1)):
        result, _ = Lens(model).maps(pictures, np.full(2, label))
        np.testing.assert_array_equal(result > 0, sign * signed > 1e-6 * np.abs(signed).max(axis=(1, 2), keepdims=True))


def test_a_certain_answer_still_has_a_map():
    """A probability of exactly 1 has no gradient; the logit has."""
    keras.utils.set_random_seed(5)
    model = Network(backbone, Head(dropout=0.0), 2).whole()
    model.get_layer("head_logits").kernel.assign(np.tile([[-400.0, 400.0]], (8, 1)))
    pictures = patches(2)[0]
    maps, outputs = Lens(model).maps(pictures, np.array([1, 1]))
    assert (outputs[:, 1] == 1).all()
    assert maps.any(axis=(1, 2)).all()
    nothing, _ = Lens(model).maps(pictures, np.array([0, 0]))
    assert not nothing.any(), "nothing speaks for the other class, and that is no noise"


def test_a_last_map_with_one_place_is_passed_over():
    picture = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, strides=4, padding="same", name="two_by_two")(picture)
    x = layers.Conv2D(4, 2, name="one_by_one")(x)
    model = keras.Model(picture, layers.Softmax()(layers.Dense(3)(layers.Flatten()(x))))
    assert Lens(model).layer == "two_by_two"


def test_a_model_without_a_feature_map_is_refused():
    start = keras.Input((8,))
    with pytest.raises(InputError, match="0 feature maps"):
        Lens(keras.Model(start, layers.Dense(2)(start)))
