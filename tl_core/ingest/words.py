"""What the names of folders and files say beside a class: containers, masks, days, patients, cameras."""

import functools
import re
from collections.abc import Collection

from tl_core.dataset.split_words import split_of, word_list, words

#: Folders that only hold pictures.
CONTAINERS = frozenset(
    word_list(
        "image images img imgs picture pictures pic pics photo photos foto fotos bild bilder imagen imagenes immagini "
        "data daten dataset datasets set jpg jpeg jpegs jpegimages png pngs color colour rgb original originals raw "
        "hr lr crops cropped files input inputs all part parts chunk upload uploads new folder neuer ordner untitled "
        "samples 图片 图像 数据 画像"
    )
)
#: Folders of what was drawn over pictures, or written about them.
MASKS = frozenset(
    word_list(
        "mask masks masken trimap trimaps annotation annotations annot annots annotated segmentation segmentations "
        "segmentationclass segmentationobject segmented seg label labels labelled gt groundtruth truth bbox bboxes "
        "boxes contour contours outline outlines overlay overlays heatmap heatmaps depth xml xmls json meta icon "
        "icons thumb thumbs thumbnail thumbnails preview previews 标注 掩码"
    )
)
#: Words among those above that a class hardly ever has.
SURE_MASKS = frozenset(
    word_list(
        "trimap trimaps annotation annotations annots bbox bboxes groundtruth gt segmentationclass segmentationobject "
        "thumbs thumbnails thumbnail 标注 掩码"
    )
)
#: Folders of repositories whose pictures explain something.
PAPERS = frozenset(
    word_list(
        "doc docs documentation asset assets figure figures fig figs screenshot screenshots readme static media "
        "resources logo logos notebook notebooks src scripts badges"
    )
)
#: What follows a picture's name in the name of its mask.
MASK_ENDING = re.compile(
    r"[ _.-]*(?:mask|masks|seg|segmentation|segmented|label|labels|labelids|color|trimap|gt|groundtruth|ground_truth"
    r"|annotation|overlay|bbox|contour|superpixels|l|m)(?:[ _.-]?\d+)?$",
    re.IGNORECASE,
)
_GROUPS = frozenset(
    word_list(
        "day days tag date week woche session sess ses sitting sitzung fold folds kfold patient patients pat subject "
        "subj sub proband participant person user case batch charge run take trial visit recording rec video vid clip "
        "sequence seq scene camera cam kamera device phone scanner site location loc lab plate slide plot flight roll "
        "series serie lot specimen hospital clinic klinik mouse group gruppe jour "
        "jours journee dia sesion seance 患者 病人 批次 天 日"
    )
)
_CALENDAR = frozenset(
    word_list(
        "monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag "
        "samstag sonntag lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miercoles jueves viernes "
        "sabado domingo lunedi martedi mercoledi giovedi venerdi january february march april may june july august "
        "september october november december januar februar marz mai juni juli oktober dezember janvier fevrier "
        "mars avril juin juillet aout septembre octobre novembre decembre enero febrero marzo abril mayo junio "
        "julio agosto septiembre octubre noviembre diciembre jan feb mar apr jun jul aug sep sept oct okt nov dec "
        "dez"
    )
)
_CLASS_LIKE = frozenset(word_list("class klasse classe type typ category label grade level stage stadium species"))
#: How cameras, phones and programs begin the names of their files.
_GENERIC = frozenset(
    word_list(
        "img image images dsc dscn dscf dcim pict picture pic p pxl mvimg photo foto bild scan page seite frame "
        "screenshot screen shot capture snap snapshot whatsapp download file untitled unnamed new copy tmp vid gopr "
        "dji imagen at am pm test train val valid validation sample data crop tile patch original item image signal "
        "telegram unknown resized video export burst pano edited id ilsvrc coco"
    )
)
_DATE = re.compile(r"(?:19|20)\d\d[-_. ]?(?:0[1-9]|1[0-2])(?:[-_. ]?(?:0[1-9]|[12]\d|3[01]))?(?:\D.*)?", re.DOTALL)
_DAY_FIRST = re.compile(r"\d{1,2}[-_.]\d{1,2}[-_.](?:\d\d|\d{4})(?:\D.*)?", re.DOTALL)


def is_container(name: str) -> bool:
    """Return whether a folder's name says only that there are pictures in it."""
    said = [word for word in words(name) if not word.isdecimal()]
    return bool(said) and set(said) <= CONTAINERS


@functools.lru_cache(maxsize=4096)
def is_mask(name: str) -> bool:
    """Return whether a folder is called like masks, annotations or icons of other pictures."""
    said = words(name)
    joined = "".join(said)
    return joined in MASKS or (bool(set(said) & MASKS) and set(said) <= MASKS | CONTAINERS | {"ground", "class"})


def is_sure_mask(name: str) -> bool:
    """Return whether a folder is called like masks or annotations by a word that is hardly ever a class."""
    return is_mask(name) and bool({*words(name), "".join(words(name))} & SURE_MASKS)


def says_no_class(name: str) -> bool:
    """Return whether a folder's name alone is none that a class would have: split words, masks, containers, days."""
    return bool(split_of(name)) or is_mask(name) or is_container(name) or _grouping(name) == 2


def is_generic(text: str) -> bool:
    """Return whether the beginning of a file's name tells nothing of the picture: ``IMG``, ``Screenshot``."""
    said = [word for word in words(text) if not word.isdecimal()]
    return all(word in _GENERIC for word in said)


def without_group(text: str) -> str:
    """Return the beginning of a file's name without the word of a day or session at its end.

    >>> without_group("cat_day"), without_group("day")
    ('cat_', 'day')
    """
    before, last = re.fullmatch(r"(.*?)([^\W\d_]*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    return before if before and last.casefold() in _GROUPS else text


def grouping(names: Collection[str]) -> int:
    """Return how much the names of one level of folders look like days, sessions, folds or patients: 0, 1 or 2.

    2: dates, or words such as ``patient`` with a number. 1: numbers, or one word with numbers, which may be classes.

    >>> grouping(["2024-05-01", "2024-05-02"]), grouping(["fold1", "fold2"]), grouping(["01", "02"])
    (2, 2, 1)
    >>> grouping(["cat", "dog"]), grouping(["class1", "class2"])
    (0, 0)
    """
    if len(names) < 2:
        return 0
    if all(_grouping(name) == 2 for name in names):
        return 2
    spelled = [words(name) for name in names]
    numbered = all(said and said[-1].isdecimal() for said in spelled)
    first = {tuple(word for word in said if not word.isdecimal()) for said in spelled}
    return int(numbered and len(first) == 1 and not set(first.pop()) & _CLASS_LIKE)


def _grouping(name: str) -> int:
    said = words(name)
    if _DATE.fullmatch(name) or _DAY_FIRST.fullmatch(name) or set(said) & _CALENDAR:
        return 2
    short = len(said) <= 4 and any(word.isdecimal() or len(word) == 1 for word in said)
    return 2 if short and (set(said[:2]) | set(said[-2:])) & _GROUPS else 0
