"""What folders, file names and tables mean: sets as people have them, by the names of their files alone."""

from collections.abc import Mapping
from functools import partial

import pytest

from tl_core.errors import InputError
from tl_core.ingest import layouts
from tl_core.ingest.entries import Entry
from tl_core.ingest.reading import Readings

Tree = Mapping[str, int | str | bytes]


def read(tree: Tree) -> Readings:
    """Return the readings of a tree: ``{"cat/#.jpg": 8}`` has eight pictures, a text is the content of a table.

    Files of one name have the same content.
    """
    pictures, tables, number = [], [], 0
    for name, content in tree.items():
        if isinstance(content, str | bytes):
            data = content.encode() if isinstance(content, str) else content
            tables.append(Entry(name, partial(bytes, data)))
            continue
        for _ in range(content):
            number += 1
            file = name.replace("#", str(number))
            pictures.append(Entry(file, file.rpartition("/")[2].encode))
    return layouts.read(sorted(pictures, key=lambda entry: entry.name), tables)


def under(prefix: str, count: int, *classes: str) -> dict[str, int | str]:
    """Return a tree of some pictures in each of these folders."""
    return {f"{prefix}{label}/#.jpg": count for label in classes}


PETS = ("cat", "dog")
MNIST = [str(digit) for digit in range(10)]
BIRDS = ("001.Black_footed_Albatross", "002.Laysan_Albatross")
WNIDS = ("n01443537", "n01629819")


def roboflow(*files: str) -> str:
    rows = [f"{file}, {int('cat' in file)}, {int('dog' in file)}" for file in files]
    return "\n".join(["filename, cat, dog", *rows])


def table(head: str, *rows: str) -> str:
    return "\n".join([*([head] if head else []), *rows])


#: name: tree, reading, classes, train/validation/test, pictures left out
CLEAR: dict[str, tuple[Tree, str, dict[str, int], tuple[int, int, int], int]] = {
    "plain": (under("", 4, *PETS), "folders", {"cat": 4, "dog": 4}, (0, 0, 0), 0),
    "wrapped": (under("a/b/pets/", 4, *PETS), "folders", {"cat": 4, "dog": 4}, (0, 0, 0), 0),
    "one class": (under("", 4, "cat"), "folders", {"cat": 4}, (0, 0, 0), 0),
    # Splits
    "split/class": (
        {**under("train/", 6, *PETS), **under("val/", 2, *PETS), **under("test/", 3, *PETS)},
        "folders", {"cat": 11, "dog": 11}, (12, 4, 6), 0,
    ),
    "class/split": (
        {**under("cat/", 3, "train", "test"), **under("dog/", 3, "train", "test")},
        "folders", {"cat": 6, "dog": 6}, (6, 0, 6), 0,
    ),
    "prefixes and doubled folders": (
        {**under("seg_train/seg_train/", 8, "sea", "forest"), **under("seg_test/seg_test/", 4, "sea", "forest"),
         "seg_pred/seg_pred/#.jpg": 6},
        "folders", {"forest": 12, "sea": 12}, (16, 0, 8), 6,
    ),
    "suffixes": (
        {**under("train_images/", 6, *PETS), **under("valid_images/", 2, *PETS), **under("test_images/", 2, *PETS)},
        "folders", {"cat": 10, "dog": 10}, (12, 4, 4), 0,
    ),
    "numbers": (
        {**under("01_train/", 6, *PETS), **under("02_dev/", 2, *PETS), **under("03_holdout/", 2, *PETS)},
        "folders", {"cat": 10, "dog": 10}, (12, 4, 4), 0,
    ),
    "years": (
        {**under("x/train2017/", 6, *PETS), **under("x/val2017/", 2, *PETS)},
        "folders", {"cat": 8, "dog": 8}, (12, 4, 0), 0,
    ),
    "compounds": (
        {**under("trainset/", 6, *PETS), **under("testset/", 2, *PETS)},
        "folders", {"cat": 8, "dog": 8}, (12, 0, 4), 0,
    ),
    "German": (
        {**under("Trainingsdaten/", 6, "Hund", "Katze"), **under("Validierung/", 2, "Hund", "Katze"),
         **under("Testdaten/", 2, "Hund", "Katze")},
        "folders", {"Hund": 10, "Katze": 10}, (12, 4, 4), 0,
    ),
    "Chinese": (
        {**under("训练集/", 6, "猫", "狗"), **under("验证集/", 2, "猫", "狗"), **under("测试集/", 2, "猫", "狗")},
        "folders", {"狗": 10, "猫": 10}, (12, 4, 4), 0,
    ),
    "Spanish": (
        {**under("entrenamiento/", 6, "gato", "perro"), **under("prueba/", 2, "gato", "perro")},
        "folders", {"gato": 8, "perro": 8}, (12, 0, 4), 0,
    ),
    "digits": (
        {**under("training/", 6, *MNIST), **under("testing/", 2, *MNIST)},
        "folders", dict.fromkeys(MNIST, 8), (60, 0, 20), 0,
    ),
    "split and class in one name": (
        {**under("", 6, "train_cat", "train_dog"), **under("", 2, "test_cat", "test_dog")},
        "folders", {"cat": 8, "dog": 8}, (12, 0, 4), 0,
    ),
    "a test folder beside the classes": (
        {**under("", 6, *PETS), **under("test/", 2, *PETS)}, "folders", {"cat": 8, "dog": 8}, (0, 0, 4), 0,
    ),
    "training pictures without a split word": (
        {**under("rps/rps/", 6, "rock", "paper"), **under("rps-test-set/rps-test-set/", 2, "rock", "paper"),
         "rps-validation/paper#.png": 2, "rps-validation/rock-hires#.png": 2},
        "folders", {"paper": 10, "rock": 10}, (12, 4, 4), 0,
    ),
    "images and test images": (
        {**under("images/", 6, *PETS), **under("test_images/", 2, *PETS)},
        "folders", {"cat": 8, "dog": 8}, (12, 0, 4), 0,
    ),
    "a spelling of its own in each split": (
        {**under("train/", 6, "Cat", "Dog"), **under("val/", 2, *PETS)},
        "folders", {"Cat": 8, "Dog": 8}, (12, 4, 0), 0,
    ),
    "containers inside": (
        {**under("train/images/", 6, *PETS), **under("validation/images/", 2, *PETS)},
        "folders", {"cat": 8, "dog": 8}, (12, 4, 0), 0,
    ),
    "a test part without classes": (
        {**under("train/", 6, *PETS), **under("validation/", 2, *PETS), "test/unlabelled/#.jpg": 4},
        "folders", {"cat": 8, "dog": 8}, (12, 4, 0), 4,
    ),
    "a flat test part with classes in its names": (
        {**under("asl_alphabet_train/asl_alphabet_train/", 6, "A", "B", "nothing"),
         "asl_alphabet_test/asl_alphabet_test/A_test.jpg": 1, "asl_alphabet_test/asl_alphabet_test/B_test.jpg": 1,
         "asl_alphabet_test/asl_alphabet_test/nothing_test.jpg": 1},
        "folders", {"A": 7, "B": 7, "nothing": 7}, (18, 0, 3), 0,
    ),
    "unlabelled pictures beside the splits": (
        {**under("train/", 6, *PETS), **under("test/", 2, *PETS), "unlabeled/#.png": 9},
        "folders", {"cat": 8, "dog": 8}, (12, 0, 4), 9,
    ),
    "icons of the classes": (
        {**under("Train/", 8, "0", "1", "2"), "Test/#.png": 6, "Meta/0.png": 1, "Meta/1.png": 1, "Meta/2.png": 1},
        "folders", {"0": 8, "1": 8, "2": 8}, (24, 0, 0), 9,
    ),
    # Classes that are called like splits
    "trains and cars": (under("", 4, "train", "bus", "car"), "folders", {"bus": 4, "car": 4, "train": 4}, (0, 0, 0), 0),
    "stations": (
        under("", 4, "train station", "bus station", "test tube"),
        "folders", {"bus station": 4, "test tube": 4, "train station": 4}, (0, 0, 0), 0,
    ),
    "valid and invalid": (under("", 4, "valid", "invalid"), "folders", {"invalid": 4, "valid": 4}, (0, 0, 0), 0),
    "control and test": (under("", 4, "control", "test"), "folders", {"control": 4, "test": 4}, (0, 0, 0), 0),
    "trains with splits": (
        {**under("train/", 6, "train", "bus"), **under("test/", 2, "train", "bus")},
        "folders", {"bus": 8, "train": 8}, (12, 0, 4), 0,
    ),
    "Dutch, with a word for the test part": (
        {**under("trainen/", 6, "hond", "kat"), **under("validatie/", 2, "hond", "kat"),
         **under("toets/", 2, "hond", "kat")},
        "folders", {"hond": 10, "kat": 10}, (12, 4, 4), 0,
    ),
    "Russian adjectives": (
        {**under("обучающая выборка/", 6, "кот", "пёс"), **under("валидационная выборка/", 2, "кот", "пёс"),
         **under("тестовая выборка/", 2, "кот", "пёс")},
        "folders", {"кот": 10, "пёс": 10}, (12, 4, 4), 0,
    ),
    "another word between the words of a class": (
        {**under("train/", 6, "big cat", "dog"), **under("test/", 2, "big_cat", "dog")},
        "folders", {"big cat": 8, "dog": 8}, (12, 0, 4), 0,
    ),
    "copied folders": (
        under("", 6, "cat", "cat - Copy", "dog", "dog (1)"), "folders", {"cat": 12, "dog": 12}, (0, 0, 0), 0,
    ),
    "numbered folders are no copies": (
        under("", 6, "type (1)", "type (2)"), "folders", {"type (1)": 6, "type (2)": 6}, (0, 0, 0), 0,
    ),
    # Labels in file names
    "a camera's word before the class": (
        {"img_cat_#.jpg": 8, "img_dog_#.jpg": 8}, "names", {"cat": 8, "dog": 8}, (0, 0, 0), 0,
    ),
    "a day before the class": (
        {f"2024050{day}_{pet}_#.jpg": 4 for day in (1, 2) for pet in PETS}, "names", {"cat": 8, "dog": 8}, (0, 0, 0), 0,
    ),
    "a number between the camera's word and the class": (
        {"IMG_#_cat.jpg": 8, "IMG_#_dog.jpg": 8}, "names", {"cat": 8, "dog": 8}, (0, 0, 0), 0,
    ),
    "first and last names": (
        {"George_Bush_#.jpg": 8, "Colin_Powell_#.jpg": 8},
        "names", {"Colin_Powell": 8, "George_Bush": 8}, (0, 0, 0), 0,
    ),
    "names": ({"cat.#.jpg": 8, "dog.#.jpg": 8}, "names", {"cat": 8, "dog": 8}, (0, 0, 0), 0),
    "names beside a test part": (
        {"train/cat.#.jpg": 8, "train/dog.#.jpg": 8, "test1/#.jpg": 6}, "names", {"cat": 8, "dog": 8}, (0, 0, 0), 6,
    ),
    "names in splits": (
        {"train/cat_#.jpg": 8, "train/dog_#.jpg": 8, "test/cat_#.jpg": 2, "test/dog_#.jpg": 2},
        "names", {"cat": 10, "dog": 10}, (16, 0, 4), 0,
    ),
    "long names": (
        {"images/american_pit_bull_terrier_#.jpg": 6, "images/Abyssinian_#.jpg": 6, "images/beagle-#.jpg": 6},
        "names", {"Abyssinian": 6, "american_pit_bull_terrier": 6, "beagle": 6}, (0, 0, 0), 0,
    ),
    "copies": ({"cat (#).jpg": 8, "dog (#).jpg": 8}, "names", {"cat": 8, "dog": 8}, (0, 0, 0), 0),
    "Teachable Machine": (
        {"Class 1-!-#.jpg": 8, "Class 2-!-#.jpg": 8}, "names", {"Class 1": 8, "Class 2": 8}, (0, 0, 0), 0,
    ),
    "numbers first": ({"#_cat.jpg": 8, "#_dog.jpg": 8}, "names", {"cat": 8, "dog": 8}, (0, 0, 0), 0),
    "days in the names": (
        {f"{pet}_day{day}_#.jpg": 4 for pet in PETS for day in (1, 2)}, "names", {"cat": 8, "dog": 8}, (0, 0, 0), 0,
    ),
    "ImageNet's names": ({f"{wnid}_#.JPEG": 8 for wnid in WNIDS}, "names", dict.fromkeys(WNIDS, 8), (0, 0, 0), 0),
    "names in folders of days": (
        {f"2024-05-0{day}/{pet}_#.jpg": 4 for pet in PETS for day in (1, 2)},
        "names", {"cat": 8, "dog": 8}, (0, 0, 0), 0,
    ),
    "letters in folders of users": (
        {f"Dataset/User_{user}/{letter}{n}.jpg": 1 for user in (3, 4, 5) for letter in "ABC" for n in range(4)},
        "names", dict.fromkeys("ABC", 12), (0, 0, 0), 0,
    ),
    # Masks, annotations, copies, strays
    "masks of the same names": (
        {f"{folder}/{pet}_{n}.{kind}": 1 for pet in PETS for n in range(6)
         for folder, kind in (("images", "jpg"), ("annotations/trimaps", "png"))},
        "names", {"cat": 6, "dog": 6}, (0, 0, 0), 12,
    ),
    "masks in a folder per class": (
        {f"{folder}/{pet}/{n}.{kind}": 1 for pet in PETS for n in range(6)
         for folder, kind in (("img", "jpg"), ("gt", "png"))},
        "folders", {"cat": 6, "dog": 6}, (0, 0, 0), 12,
    ),
    "masks beside their pictures": (
        {f"{label}/{label} ({n}){end}.png": 1 for label in ("benign", "normal") for n in range(6)
         for end in ("", "_mask")},
        "folders", {"benign": 6, "normal": 6}, (0, 0, 0), 12,
    ),
    "masks that people wear": (
        {f"{label}/{n}.jpg": 1 for label in ("mask", "no_mask") for n in range(6)},
        "folders", {"mask": 6, "no_mask": 6}, (0, 0, 0), 0,
    ),
    "masks among classes": (
        {f"{label}/{n}.jpg": 1 for label in ("masks", "gloves", "helmets") for n in range(6)},
        "folders", {"gloves": 6, "helmets": 6, "masks": 6}, (0, 0, 0), 0,
    ),
    "a screenshot beside the data": (
        {"demo-main/screenshot.png": 1, **under("demo-main/data/", 8, *PETS)},
        "folders", {"cat": 8, "dog": 8}, (0, 0, 0), 1,
    ),
    "pictures of a repository": (
        {"demo/docs/img/a.png": 1, "demo/assets/logo.png": 1, "demo/web/b.png": 1, **under("demo/data/", 8, *PETS)},
        "folders", {"cat": 8, "dog": 8}, (0, 0, 0), 3,
    ),
    "pictures of a repository with splits": (
        {"demo/assets/logo.png": 1, **under("demo/data/train/", 8, *PETS), **under("demo/data/test/", 2, *PETS)},
        "folders", {"cat": 10, "dog": 10}, (16, 0, 4), 1,
    ),
    "loose pictures": ({"1.jpg": 1, "2.jpg": 1, **under("", 8, *PETS)}, "folders", {"cat": 8, "dog": 8}, (0, 0, 0), 2),
    "sub-folders of some classes": (
        {"cat/#.jpg": 4, "cat/close/#.jpg": 4, "dog/#.jpg": 8}, "folders", {"cat": 8, "dog": 8}, (0, 0, 0), 0,
    ),
    # Groups
    "days": (
        {f"2024-05-0{day}/{label}/#.jpg": 3 for day in (1, 2, 3) for label in ("ok", "scratch")},
        "folders", {"ok": 9, "scratch": 9}, (0, 0, 0), 0,
    ),
    "days in classes": (
        {f"{label}/2024-05-0{day}/#.jpg": 3 for day in (1, 2, 3) for label in ("ok", "scratch")},
        "folders", {"ok": 9, "scratch": 9}, (0, 0, 0), 0,
    ),
    "folds": (
        {f"fold{fold}/{pet}/#.jpg": 3 for fold in range(5) for pet in PETS},
        "folders", {"cat": 15, "dog": 15}, (0, 0, 0), 0,
    ),
    "patients": (
        {f"patient_{n:03d}/{label}/#.png": 3 for n in range(4) for label in ("benign", "malignant")},
        "folders", {"benign": 12, "malignant": 12}, (0, 0, 0), 0,
    ),
    "numbered patients": (
        {f"{n}/{label}/#.png": 3 for n in range(8863, 8867) for label in ("healthy", "ill")},
        "folders", {"healthy": 12, "ill": 12}, (0, 0, 0), 0,
    ),
    "weekdays": (
        {f"{day}/{label}/#.png": 3 for day in ("Montag", "Dienstag") for label in ("ok", "defekt")},
        "folders", {"defekt": 6, "ok": 6}, (0, 0, 0), 0,
    ),
    "patients in splits": (
        {f"{split}/patient{n}/{label}/#.png": 3
         for split, ns in (("train", (1, 2)), ("test", (3, 4))) for n in ns for label in ("healthy", "ill")},
        "folders", {"healthy": 12, "ill": 12}, (12, 0, 12), 0,
    ),
    # Tables
    "one column per class": (
        {"train/_classes.csv": roboflow("cat_1.jpg", "dog_2.jpg", "cat_3.jpg", "dog_4.jpg"),
         "train/cat_1.jpg": 1, "train/dog_2.jpg": 1, "train/cat_3.jpg": 1, "train/dog_4.jpg": 1,
         "valid/_classes.csv": roboflow("cat_5.jpg", "dog_6.jpg"), "valid/cat_5.jpg": 1, "valid/dog_6.jpg": 1},
        "table", {"cat": 3, "dog": 3}, (4, 2, 0), 0,
    ),
    "id,breed": (
        {"train.csv": table("id,breed", *(f"{n},{('pug', 'beagle')[n % 2]}" for n in range(8))),
         **{f"train/{n}.jpg": 1 for n in range(8)}, **{f"test/{n}.jpg": 1 for n in range(8, 12)},
         "sample_submission.csv": table("id,beagle,pug", *(f"{n},0.5,0.5" for n in range(8, 12)))},
        "table", {"beagle": 4, "pug": 4}, (0, 0, 0), 4,
    ),
    "a table with a column of splits": (
        {"birds.csv": table("class index,filepaths,labels,data set", *(
            f"{n % 2},{split}/{n}.jpg,{('OWL', 'TIT')[n % 2]},{split}"
            for split, start in (("train", 0), ("valid", 6), ("test", 8)) for n in range(start, start + 2))),
         **{f"{split}/{n}.jpg": 1
            for split, start in (("train", 0), ("valid", 6), ("test", 8)) for n in range(start, start + 2)}},
        "table", {"OWL": 3, "TIT": 3}, (2, 2, 2), 0,
    ),
    "numbers, semicolons, paths": (
        {"Train.csv": table("Width;Height;ClassId;Path", *(f"30;31;{n % 2};Train/{n:05d}.png" for n in range(8))),
         **{f"Train/{n:05d}.png": 1 for n in range(8)}},
        "table", {"0": 4, "1": 4}, (0, 0, 0), 0,
    ),
    "paths of another machine": (
        {"labels.csv": table("path,class", *(fr"C:\data\img\{n}.jpg,{('x', 'y')[n % 2]}" for n in range(6))),
         **{f"img/{n}.jpg": 1 for n in range(6)}},
        "table", {"x": 3, "y": 3}, (0, 0, 0), 0,
    ),
    "tabs": (
        {"labels.tsv": table("file\tlabel", *(f"{n}.png\t{('a', 'b')[n % 2]}" for n in range(8))),
         **{f"pics/{n}.png": 1 for n in range(8)}},
        "table", {"a": 4, "b": 4}, (0, 0, 0), 0,
    ),
    "a table of labels with a slash": (
        {"labels.csv": table("file,folder,label", *(
            f"{n}.png,set/{n % 3},{('black/white', 'colour')[n % 2]}" for n in range(8))),
         **{f"{n}.png": 1 for n in range(8)}},
        "table", {"black\u2215white": 4, "colour": 4}, (0, 0, 0), 0,
    ),
    "lost zeros": (
        {"labels.csv": table("id,label", *(f"{n},{('x', 'y')[n % 2]}" for n in range(8))),
         **{f"img/{n:05d}.png": 1 for n in range(8)}},
        "table", {"x": 4, "y": 4}, (0, 0, 0), 0,
    ),
    "pictures that were saved again": (
        {"labels.csv": table("file,label", *(f"p{n}.png,{('x', 'y')[n % 2]}" for n in range(8))),
         **{f"img/p{n}.jpg": 1 for n in range(8)}},
        "table", {"x": 4, "y": 4}, (0, 0, 0), 0,
    ),
    "addresses": (
        {"labels.csv": table("url,label", *(f"https://x.org/a/p{n}.jpg?w=9,{('x', 'y')[n % 2]}" for n in range(8))),
         **{f"img/p{n}.jpg": 1 for n in range(8)}},
        "table", {"x": 4, "y": 4}, (0, 0, 0), 0,
    ),
    "paths of another machine, in one folder": (
        {"top/labels.csv": table("path,label", *(f"/home/me/x/img/p{n}.jpg,{('x', 'y')[n % 2]}" for n in range(8))),
         **{f"top/img/p{n}.jpg": 1 for n in range(8)}},
        "table", {"x": 4, "y": 4}, (0, 0, 0), 0,
    ),
    "names in pieces": (
        {"labels.csv": table("file,label", *(f"Ba\u0308r{n}.jpg,{('x', 'y')[n % 2]}" for n in range(8))),
         **{f"B\u00e4r{n}.jpg": 1 for n in range(8)}},
        "table", {"x": 4, "y": 4}, (0, 0, 0), 0,
    ),
    "a column of splits of another name": (
        {"labels.csv": table("Bild;Klasse;Teil", *(f"p{n}.jpg;{'xy'[n % 2]};{('train', 'test')[n > 5]}"
                                                   for n in range(8))),
         **{f"img/p{n}.jpg": 1 for n in range(8)}},
        "table", {"x": 4, "y": 4}, (6, 0, 2), 0,
    ),
    "cells without a label": (
        {"labels.csv": table("file,label", *(f"p{n}.jpg,{('x', 'y', 'NaN', '')[n % 4]}" for n in range(8))),
         **{f"img/p{n}.jpg": 1 for n in range(8)}},
        "table", {"x": 2, "y": 2}, (0, 0, 0), 4,
    ),
    "yes and no in German": (
        {"labels.csv": table("Bild;rot;blau", *(f"p{n}.jpg;{('ja;nein', 'nein;ja')[n % 2]}" for n in range(8))),
         **{f"img/p{n}.jpg": 1 for n in range(8)}},
        "table", {"blau": 4, "rot": 4}, (0, 0, 0), 0,
    ),
    "lines of JSON": (
        {"metadata.jsonl": table("", *(f'{{"file_name": "p{n}.jpg", "label": "{"xy"[n % 2]}"}}' for n in range(8))),
         **{f"p{n}.jpg": 1 for n in range(8)}},
        "table", {"x": 4, "y": 4}, (0, 0, 0), 0,
    ),
    "one object of names and labels": (
        {"labels.json": "{" + ", ".join(f'"p{n}.jpg": "{"xy"[n % 2]}"' for n in range(8)) + "}",
         **{f"p{n}.jpg": 1 for n in range(8)}},
        "table", {"x": 4, "y": 4}, (0, 0, 0), 0,
    ),
    "a size in words": (
        {"labels.csv": table("file,size", *(f"p{n}.jpg,{('small', 'large')[n % 2]}" for n in range(8))),
         **{f"p{n}.jpg": 1 for n in range(8)}},
        "table", {"large": 4, "small": 4}, (0, 0, 0), 0,
    ),
    **{
        f"a table in {encoding}": (
            {"labels.csv": table("file;label", *(f"p{n}.jpg;{labels[n % 2]}" for n in range(8))).encode(encoding),
             **{f"img/p{n}.jpg": 1 for n in range(8)}},
            "table", dict.fromkeys(labels, 4), (0, 0, 0), 0,
        )
        for encoding, labels in (
            ("utf-16", ("größer", "kleiner")), ("utf-8-sig", ("größer", "kleiner")), ("cp1252", ("größer", "kleiner")),
            ("cp1251", ("кошка", "собака")), ("shift_jis", ("表示", "犬")), ("gbk", ("猫咪", "小狗")),
        )
    },
    "thumbnails of the classes": (
        {**under("", 6, *PETS), **under("thumbnails/", 6, *PETS)}, "folders", {"cat": 6, "dog": 6}, (0, 0, 0), 12,
    ),
    "parts of one set with a table": (
        {"HAM_metadata.csv": table("image_id,dx,age", *(f"ISIC_{n},{('nv', 'mel')[n % 2]},{n}.0" for n in range(8))),
         **{f"HAM_images_part_{1 + n // 4}/ISIC_{n}.jpg": 1 for n in range(8)}},
        "table", {"mel": 4, "nv": 4}, (0, 0, 0), 0,
    ),
    "a table for the test part alone": (
        {**under("Train/", 4, "0", "1"), "Test/00000.png": 1, "Test/00001.png": 1,
         "Test.csv": table("Width,Height,ClassId,Path", "30,30,1,Test/00000.png", "30,30,0,Test/00001.png")},
        "folders", {"0": 5, "1": 5}, (8, 0, 2), 0,
    ),
    "Tiny ImageNet": (
        {**{f"tiny/train/{wnid}/images/{wnid}_#.JPEG": 6 for wnid in WNIDS},
         **{f"tiny/val/images/val_{n}.JPEG": 1 for n in range(4)}, "tiny/test/images/test_#.JPEG": 3,
         "tiny/val/val_annotations.txt": table("", *(f"val_{n}.JPEG\t{WNIDS[n % 2]}\t0\t32\t44\t62" for n in range(4))),
         **{f"tiny/train/{wnid}/{wnid}_boxes.txt": table("", f"{wnid}_1.JPEG\t0\t10\t63\t58") for wnid in WNIDS}},
        "folders", dict.fromkeys(WNIDS, 8), (12, 4, 0), 3,
    ),
    # Known sets
    "CUB": (
        {**under("CUB_200_2011/images/", 6, *BIRDS), "CUB_200_2011/images.txt": table(
            "", *(f"{n} {BIRDS[n % 2]}/{n}.jpg" for n in range(1, 5))), "CUB_200_2011/classes.txt": "1 a\n2 b"},
        "folders", dict.fromkeys(BIRDS, 6), (0, 0, 0), 0,
    ),
    "a masks folder in each class": (
        {f"Covid/{label}/{folder}/{label}-{n}.png": 1
         for label in ("COVID", "Normal") for folder in ("images", "masks") for n in range(6)},
        "folders", {"COVID": 6, "Normal": 6}, (0, 0, 0), 12,
    ),
    "one column per class, in letters and fractions": (
        {"GroundTruth.csv": table("image,MEL,NV", *(f"ISIC_{n},{n % 2}.0,{1 - n % 2}.0" for n in range(8))),
         **{f"ISIC_Training_Input/ISIC_{n}.jpg": 1 for n in range(8)},
         **{f"ISIC_Test_Input/ISIC_{n}.jpg": 1 for n in range(10, 14)}},
        "table", {"MEL": 4, "NV": 4}, (0, 0, 0), 4,
    ),
    "Caltech": (
        under("256_ObjectCategories/", 6, "001.ak47", "002.american-flag"),
        "folders", {"001.ak47": 6, "002.american-flag": 6}, (0, 0, 0), 0,
    ),
    "animals and vehicles": (
        {**under("animals/", 6, *PETS), **under("vehicles/", 6, "car")},
        "folders", {"car": 6, "cat": 6, "dog": 6}, (0, 0, 0), 0,
    ),
    "the places of the Kimia set": (
        {f"att_faces/s{n}/#.pgm": 5 for n in range(1, 6)},
        "folders", {f"s{n}": 5 for n in range(1, 6)}, (0, 0, 0), 0,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CLEAR)
def test_sets_as_people_have_them(name: str) -> None:
    tree, reading, classes, parts, left_out = CLEAR[name]
    readings = read(tree)
    chosen = readings.choose()
    assert (chosen.name, chosen.classes) == (reading, classes)
    assert tuple(chosen.parts.values()) == parts
    assert sum(not item.name.endswith((".csv", ".txt")) for item in chosen.left_out) == left_out
    assert all(item.reason for item in chosen.left_out)
    assert len(set(readings.names)) == len(readings.names)


def test_pictures_of_a_day_or_a_patient_are_of_one_group() -> None:
    for name, groups in (
        ("days", {f"2024-05-0{day}" for day in (1, 2, 3)}),
        ("days in classes", {f"2024-05-0{day}" for day in (1, 2, 3)}),
        ("folds", {f"fold{fold}" for fold in range(5)}),
        ("names in folders of days", {"2024-05-01", "2024-05-02"}),
        ("patients in splits", {f"patient{n}" for n in (1, 2, 3, 4)}),
    ):
        readings = read(CLEAR[name][0])
        assert {place.group for place in readings.best.places} == groups
        assert any("stay in one split" in sentence for sentence in readings.best.sentences())
    ungrouped = read(CLEAR["days"][0]).choose("ungrouped")
    assert {place.group for place in ungrouped.places} == {""}
    assert not any("stay in one split" in sentence for sentence in ungrouped.sentences())


def test_a_table_may_say_what_belongs_together_and_hold_several_columns_of_labels() -> None:
    rows = (f"p{n}.jpg,{'xy'[n % 2]},person {n // 3},{('small', 'large')[n // 2 % 2]}" for n in range(12))
    readings = read({"t.csv": table("file,label,patient_id,size", *rows), **{f"p{n}.jpg": 1 for n in range(12)}})
    assert readings.names == ["table", "table-2", "table-ungrouped"]
    assert {place.group for place in readings.choose().places} == {f"person {n}" for n in range(4)}
    assert {place.group for place in readings.choose("table-ungrouped").places} == {""}
    assert readings.choose("table-2").classes == {"large": 6, "small": 6}
    assert "“person 0”, “person 1”, “person 2” and 1 more" in " ".join(readings.best.sentences())


def test_a_folder_beside_the_splits_can_be_taken_in() -> None:
    readings = read(DOUBTFUL["a word for a split that is not known"][0])
    assert (readings.best.parts, len(readings.best.left_out)) == ({"train": 12, "validation": 0, "test": 4}, 4)
    more = readings.choose("more-folders")
    assert (more.classes, len(more.left_out)) == ({"cat": 10, "dog": 10}, 0)
    assert more.parts == readings.best.parts


def test_what_a_table_lacks_is_said() -> None:
    pets = under("pets/", 4, *PETS)
    for content, reason in (
        (table("file,label", "other.jpg,x", "more.jpg,y"), "names no picture here"),
        (table("file,price", *(f"{n}.jpg,{n}.5" for n in range(1, 9))), "none of its columns reads as labels"),
    ):
        left_out = read({**pets, "t.csv": content}).choose().left_out
        assert [reason in item.reason for item in left_out] == [True]


def test_a_name_that_several_pictures_have_gives_none_of_them_a_label() -> None:
    rows = (f"{n}.jpg,{'xy'[n % 2]}" for n in range(6))
    twice = {f"{day}/{n}.jpg": 1 for day in ("a", "b") for n in range(6)}
    assert read({"t.csv": table("file,label", *rows), **twice}).names == ["folders"]


def test_frames_of_a_film_are_of_one_group() -> None:
    films = {f"{sport}/v_{sport}_g0{n}_c01/#.jpg": 5 for sport in ("Archery", "Bowling") for n in (1, 2, 3)}
    best = read(films).choose()
    assert best.classes == {"Archery": 15, "Bowling": 15}
    assert len({place.group for place in best.places}) == 6


#: name: tree, the likeliest reading and what there is besides, a word of the doubt
DOUBTFUL: dict[str, tuple[Tree, list[str], str]] = {
    "train and test alone": ({"train/#.jpg": 6, "test/#.jpg": 6}, ["folders"], "do not look like classes"),
    "one folder of pictures": ({"images/#.jpg": 6}, ["folders"], "does not look like a class"),
    "pictures and labels": ({"images/#.jpg": 6, "labels/#.png": 6}, ["folders"], "do not look like classes"),
    "pairs": (
        {f"{folder}/{n}.{kind}": 1 for n in range(6) for folder, kind in (("a", "jpg"), ("b", "png"))},
        ["folders"], "masks",
    ),
    "days alone": ({f"2024-05-0{day}/#.jpg": 6 for day in (1, 2, 3)}, ["folders"], "do not look like classes"),
    "folds alone": ({f"fold{fold}/#.jpg": 6 for fold in range(3)}, ["folders"], "do not look like classes"),
    "sides": (
        {f"{side}/{state}/#.jpg": 4 for side in ("left", "right") for state in ("open", "closed")},
        ["folders", "folders-1", "paths"], "which lie in each of them",
    ),
    "defects of materials": (
        {f"{state}/{material}/#.jpg": 4 for state in ("ok", "scratch") for material in ("metal", "wood", "glass")},
        ["folders", "folders-1", "paths"], "“ok”, “scratch”",
    ),
    "a flat test folder beside the classes": (
        {**under("", 6, *PETS), "test/#.jpg": 6}, ["folders", "all-folders"], "“test” may be a class",
    ),
    "boxes": (
        {"images/train/#.jpg": 6, "images/val/#.jpg": 3, **{f"labels/train/{n}.txt": "0 .5 .5 .1 .1" for n in "123"}},
        ["folders"], "does not look like a class",
    ),
    "several sets in one folder": (
        {**under("a/", 4, *PETS), **under("b/", 4, *PETS), "c/#.jpg": 4}, ["folders"], "the folders in them",
    ),
    "mostly loose": ({"#.jpg": 20, **under("", 4, *PETS)}, ["folders"], "in no class folder"),
    "numbers in names": ({f"{digit}_#.png": 10 for digit in range(10)}, ["names"], "not certain"),
    "masks with another ending of their names": (
        {f"{folder}/{city}_{n}_{folder}.png": 1 for folder in ("leftImg8bit", "gtFine") for city in ("bonn", "ulm")
         for n in range(4)},
        ["folders", "names"], "masks",
    ),
    "the same chosen frames twice": (
        {f"{folder}/frame_{n}.png": 1 for folder in ("thermal", "visible") for n in (3, 41, 212, 977, 1513)},
        ["folders"], "masks",
    ),
    "two things in the names": (
        {f"{mood}_{person}_#.jpg": 3 for mood in ("happy", "sad") for person in ("anna", "ben", "carl")},
        ["names", "names-2", "names-3"], "hold two things",
    ),
    "two things in the names, in one folder": (
        {f"faces/{mood}_{person}_#.jpg": 3 for mood in ("happy", "sad") for person in ("anna", "ben", "carl")},
        ["names", "names-2", "names-3", "folders"], "hold two things",
    ),
    "files called like the other class": (
        {"cat/dog_#.jpg": 6, "dog/cat_#.jpg": 6}, ["folders", "names"], "called like another class",
    ),
    "a picture in each folder": ({f"{n:03d}/img.jpg": 1 for n in range(12)}, ["folders"], "holds one picture"),
    "some folders that a system made": (
        under("", 6, "cat", "dog", "New folder", "Neuer Ordner (2)"),
        ["folders"], "Some folders do not look like classes: “Neuer Ordner (2)”, “New folder”.",
    ),
    "a word for a split that is not known": (
        {**under("train/", 6, *PETS), **under("kiem tra/", 2, *PETS), **under("test/", 2, *PETS)},
        ["folders", "more-folders"], "holds the same classes",
    ),
    "tables that contradict each other": (
        {"a.csv": table("file,label", *(f"p{n}.jpg,{'xy'[n % 2]}" for n in range(8))),
         "b.csv": table("file,label", *(f"p{n}.jpg,{'yx'[n % 2]}" for n in range(8))),
         **{f"pics/p{n}.jpg": 1 for n in range(8)}},
        ["folders"], "does not look like a class",
    ),
    "a table against folders": (
        {**{f"{pet}/{pet}{n}.jpg": 1 for pet in PETS for n in range(6)},
         "x.csv": table("file,label", *(f"{pet}{n}.jpg,{('in', 'out')[n % 2]}" for pet in PETS for n in range(6)))},
        ["table", "folders"], "other classes than the folders",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DOUBTFUL)
def test_what_is_not_clear_is_refused_until_a_person_chooses(name: str) -> None:
    tree, names, doubt = DOUBTFUL[name]
    readings = read(tree)
    assert readings.names == names
    with pytest.raises(InputError, match="Choose a reading") as refused:
        readings.choose()
    assert doubt in str(refused.value)
    for each in names:
        assert each in str(refused.value)
        assert readings.choose(each).places


@pytest.mark.parametrize("tree", [{"IMG_#.jpg": 8}, {"#.jpg": 3}, {"Screenshot 2024-05-01 at 3.12.#.png": 6}, {}])
def test_pictures_without_any_class_have_no_reading(tree: Tree) -> None:
    readings = read(tree)
    assert (readings.names, readings.choose().classes) == ([], {})
    assert all(item.reason == layouts.NO_CLASS for item in readings.best.left_out)
    with pytest.raises(InputError, match="no reading “folders”"):
        readings.choose("folders")


def classes(tree: Tree, reading: str) -> set[str]:
    return set(read(tree).choose(reading).classes)


def test_other_readings_are_offered() -> None:
    nested = CLEAR["animals and vehicles"][0]
    assert read(nested).names == ["folders", "folders-1", "paths"]
    assert classes(nested, "folders-1") == {"animals", "vehicles"}
    assert classes(nested, "paths") == {"animals∕cat", "animals∕dog", "vehicles∕car"}
    assert classes(CLEAR["days"][0], "folders-1") == {"2024-05-01", "2024-05-02", "2024-05-03"}
    assert classes(DOUBTFUL["a flat test folder beside the classes"][0], "all-folders") == {"cat", "dog", "test"}
    assert classes(DOUBTFUL["train and test alone"][0], "folders") == {"train", "test"}


COPIES: dict[str, Tree] = {
    "one level deeper": {f"{top}/{pet}/{n}{pet}.jpg": 1 for top in ("x", "x/x") for pet in PETS for n in range(4)},
    "beside the classes": {f"{top}{pet}/{n}{pet}.jpg": 1 for top in ("", "all/") for pet in PETS for n in range(4)},
    "with splits": {
        f"{top}/{split}/{pet}/{split}{n}{pet}.jpg": 1
        for top in ("x", "x/x") for split in ("train", "val") for pet in PETS for n in range(2)
    },
    "folds": {f"fold{fold}/{'test' if n == fold else 'train'}/{pet}/{n}{pet}.jpg": 1
              for fold in range(4) for pet in PETS for n in range(4)},
}  # fmt: skip


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_of_the_set_itself_adds_nothing(name: str) -> None:
    best = read(COPIES[name]).choose()
    assert best.classes == {"cat": 4, "dog": 4}
    assert len(best.places) + len(best.left_out) == len(COPIES[name])
    assert all("copy of" in item.reason or "same picture as" in item.reason for item in best.left_out)


def test_other_pictures_one_level_deeper_are_taken() -> None:
    best = read({**under("pets/", 4, *PETS), **under("pets/more/", 4, *PETS)}).choose()
    assert (best.classes, len(best.left_out)) == ({"cat": 8, "dog": 8}, 0)


def test_case_makes_two_classes_only_side_by_side() -> None:
    assert set(read(under("", 4, "A", "B", "a", "b")).choose().classes) == {"A", "B", "a", "b"}
    assert read({**under("train/", 4, "Cat", "dog"), **under("test/", 2, "cat", "dog")}).choose().classes == {
        "Cat": 6,
        "dog": 6,
    }


def test_what_was_taken_for_what_is_said_in_sentences() -> None:
    best = read(CLEAR["prefixes and doubled folders"][0]).best
    assert best.sentences() == [
        "2 classes: forest (12), sea (12).",
        "The source gives 16 training pictures in seg_train; 8 test pictures in seg_test.",
        "Left out: seg_pred/seg_pred, 6 files. Neither its folder nor its name gives a class.",
    ]


def test_a_table_that_gives_a_picture_two_classes_leaves_it_out() -> None:
    rows = [f"{n}.jpg,{label}" for n, label in enumerate(("car", "bus", "car", "bus", "car", "bus"))]
    best = read({"boxes.csv": table("filename,class", *rows, "0.jpg,bus"), **{f"{n}.jpg": 1 for n in range(6)}}).best
    assert best.classes == {"bus": 3, "car": 2}
    assert [item.reason for item in best.left_out] == ["It has several classes in the label table."]


def test_many_files_are_read() -> None:
    entries = [Entry(f"x/train/{c}/img_{n}.jpg", bytes) for c in range(50) for n in range(200)]
    assert len(layouts.read(entries).choose().classes) == 50
