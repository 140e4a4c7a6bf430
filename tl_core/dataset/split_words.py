"""Folder names that stand for a split, as people write them: ``seg_train``, ``val2017``, ``testset``, ``训练集``."""

import functools
import re
import unicodedata

TRAIN, VALIDATION, TEST = "train", "validation", "test"
#: The split of a folder whose pictures have no class.
UNLABELLED = "unlabelled"


def word_list(text: str) -> tuple[str, ...]:
    """Return the words of a text: how lists of words are written here."""
    return tuple(text.split())


_WORDS = {
    TRAIN: word_list(
        "train training trainings trn trainval apprentissage entrainement entrenamiento treino treinamento "
        "addestramento allenamento learning trainen traning trenovaci opplaering lernen lern uben تدريب "
        "trening treningowy treningowe treningowa egitim обучение обучающая обучающии обучающие тренировка "
        "тренировочныи тренировочная тренировочные навчання εκπαιδευση 训练 訓練 学習 學習 훈련 학습"
    ),
    VALIDATION: word_list(
        "val vali valid validation validate eval evaluation dev validierung validierungs validacion validacao "
        "validazione verifica verificacion verification validatie validering validacni walidacja walidacyjny "
        "walidacyjne walidacyjna dogrulama валидация валидационныи валидационная валидационные валідація "
        "επικυρωση تحقق 验证 驗證 検証 검증"
    ),
    TEST: word_list(
        "test tests testing holdout heldout prueba pruebas teste essai essais prova toets prufung pruf testowy "
        "testowe testowa testovaci اختبار тест тестирование тестовая тестовыи тестовые δοκιμη "
        "测试 測試 テスト 테스트 시험"
    ),
    UNLABELLED: word_list(
        "unlabeled unlabelled unlabel unsorted unsortiert predict pred preds prediction predictions inference "
        "submission 未标注 未分类"
    ),
}
_SPLITS = {word: split for split, words in _WORDS.items() for word in words}

#: Words beside a split word that say nothing more.
_NEUTRAL = frozenset(
    word_list(
        "image images img imgs picture pictures pic pics photo photos foto fotos bild bilder data daten dataset "
        "datasets set sets folder folders split splits subset part parts file files jpg jpeg png original raw final "
        "all labeled labelled annotated only and of the crops cropped resized conjunto datos dati dados donnees jeu "
        "imagenes immagini imagens d de des di da del la le les los 集 数据 数据集 图片 图像 图 "
        "資料 データ セット 画像 用 세트 데이터 выборка данные изображения набор"
    )
)


@functools.lru_cache(maxsize=65536)
def words(name: str) -> tuple[str, ...]:
    """Return the words and numbers of a name, in lower case and without accents.

    >>> words("Seg_Train-2017"), words("trainImages1")
    (('seg', 'train', '2017'), ('train', 'images', '1'))
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", unicodedata.normalize("NFKD", name))
    bare = re.sub(r"[\u0300-\u036f]", "", apart)  # accents; the marks of Japanese syllables stay
    return tuple(re.findall(r"[^\W\d_]+|\d+", unicodedata.normalize("NFKC", bare).casefold()))


@functools.lru_cache(maxsize=4096)
def split_word(name: str) -> tuple[str, str]:
    """Return the split that a folder's name speaks of, and what else it says.

    Returns:
        ``"train"``, ``"validation"``, ``"test"``, ``UNLABELLED`` or ``""``; and the other words, without numbers.

    >>> split_word("seg_train"), split_word("01_Testset"), split_word("bus")
    (('train', 'seg'), ('test', ''), ('', 'bus'))
    """
    joined = re.sub(r"(?i)\b(hold|held)[\s_-]?out", r"\1out", re.sub(r"_", " ", name))
    splits, rest = [], []
    for word in words(joined):
        split, more = _of_word(word)
        if split:
            splits.append(split)
        if more and not more.isdecimal() and more not in _NEUTRAL:
            rest.append(more)
    if set(splits) == {TRAIN, VALIDATION}:
        splits = [TRAIN]
    return (splits[0] if len(set(splits)) == 1 else ""), " ".join(rest)


def split_of(name: str) -> str:
    """Return the split that a folder stands for by its name alone, ``""`` if the name says something else.

    >>> split_of("Training"), split_of("val_images"), split_of("bullet_train"), split_of("trainset")
    ('train', 'validation', '', 'train')
    """
    split, rest = split_word(name)
    return "" if rest else split


def split_of_path(path: str) -> str:
    """Return the split of the nearest folder on a path that stands for training, validation or test, else ``""``.

    >>> split_of_path("birds/valid/images/a.jpg"), split_of_path("train/tests.jpg"), split_of_path("pred/a.jpg")
    ('validation', 'train', '')
    """
    found = (split_of(folder) for folder in reversed(path.split("/")[:-1]))
    return next((split for split in found if split not in ("", UNLABELLED)), "")


def _of_word(word: str) -> tuple[str, str]:
    """Return the split of one word, and the word itself if it has none: ``testset`` and ``训练集`` have one."""
    if word in _SPLITS:
        return _SPLITS[word], ""
    for known, split in _SPLITS.items():
        if len(known) > 1 and word.startswith(known) and word[len(known) :] in _NEUTRAL:
            return split, ""
    return "", word
