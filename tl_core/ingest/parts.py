"""Which folders divide a set into training, validation and test pictures, wherever they lie in the tree."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from tl_core.dataset.split_words import TEST, TRAIN, UNLABELLED, split_word, words
from tl_core.ingest.aside import COMPARED, Folder, Item
from tl_core.ingest.entries import LeftOut
from tl_core.ingest.words import grouping, is_container
from tl_core.language import _
from tl_core.wording import quoted


@dataclass
class Divided:
    """Pictures with their splits.

    Attributes:
        items: the pictures; the folders that name splits are taken out of their paths.
        left_out: pictures that lie beside the splits.
        beside: those of them in folders of classes, without the folder around these.
        folders: the folders that name splits, with the split of each.
        doubt: why a person has to choose, or ``""``.
        repeated: whether folds divide the same pictures several times.
    """

    items: list[Item] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    beside: list[Item] = field(default_factory=list)
    folders: dict[str, str] = field(default_factory=dict)
    doubt: str = ""
    repeated: bool = False


def divide(items: Sequence[Item], same: Callable[[str, str], bool]) -> Divided:
    """Return the pictures with the splits that their folders name; ``same`` is that of ``aside.set_aside``."""
    found = Divided()
    _divide(list(items), 0, found)
    return _once(found, same)


def _divide(items: list[Item], depth: int, found: Divided) -> None:
    """Divide the pictures of one folder, at this depth, or else each of its folders by itself."""
    below: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        if len(item.path) > depth:
            below[item.path[depth]].append(item)
        else:
            found.items.append(item)
    inner = {name: _inner(each, depth) for name, each in below.items()}
    splits = _division(inner, below, found)
    for name, each in below.items():
        if splits is None:
            _divide(each, depth + 1, found)
        elif name not in splits:
            classes = {step.casefold() for member in splits for step in inner[member]}
            if _beside(each, splits, found) and inner[name] and {each.casefold() for each in inner[name]} <= classes:
                _unknown_split(name, each, depth, found)
        else:
            split, label = splits[name]
            found.folders["/".join(each[0].path[: depth + 1])] = split
            once = len(_inner(each, depth)) == 1
            found.items += [_taken_out(item, depth, split, label, once=once) for item in each]


def _inner(items: Sequence[Item], depth: int) -> set[str]:
    """Return the folders one level deeper."""
    return {item.path[depth + 1] for item in items if len(item.path) > depth + 1}


def _taken_out(item: Item, depth: int, split: str, label: str, *, once: bool) -> Item:
    """Return a picture without the folder of its split, and without the only one in it that names the split again."""
    before, rest = item.path[:depth], item.path[depth + 1 :]
    if once and rest and split_word(rest[0])[0] == split:
        rest = rest[1:]
    return replace(item, path=(*before, *((label,) if label else ()), *rest), split=split)


def _beside(items: Sequence[Item], splits: Mapping[str, tuple[str, str]], found: Divided) -> bool:
    """Keep the pictures beside the splits, and return whether they are left out."""
    if {split for split, _ in splits.values()} <= {TEST, UNLABELLED}:  # classes with a test folder beside them
        found.items += items
        return False
    named = ", ".join(quoted(name) for name in sorted(splits))
    found.left_out += [
        LeftOut(item.name, _("It lies beside {named}, in none of them.").format(named=named)) for item in items
    ]
    return True


def _unknown_split(name: str, items: Sequence[Item], depth: int, found: Divided) -> None:
    """Keep the pictures of a folder that has the classes of the splits and is called like none of them."""
    found.beside += [replace(item, path=(*item.path[:depth], *item.path[depth + 1 :])) for item in items]
    found.doubt = _("“{name}” holds the same classes, but its name names no split.").format(name=name)


def _division(
    inner: Mapping[str, Collection[str]], below: Mapping[str, Sequence[Item]], found: Divided
) -> dict[str, tuple[str, str]] | None:
    """Return the split of each folder that names one, and the class that its name holds beside it; None: no division.

    Args:
        inner: the folders, each with those in it.
        below: the folders, each with its pictures.
        found: gets the doubt.
    """
    read = {name: split_word(name) for name in inner}
    members = {name: said for name, said in read.items() if said[0]}
    others = [name for name in inner if name not in members]
    splits = {split for split, _ in members.values()}
    rests = {rest for _, rest in members.values()} - {""}
    if not members:
        return None
    if len(rests) > 1:
        return _class_in_name(members) if not others else None
    if not others:
        return None if splits == {TRAIN} else _plain(members)
    if len(others) == 1 and TRAIN not in splits and _is_the_rest(others[0], rests) and inner[others[0]]:
        return {**_plain(members), others[0]: (TRAIN, "")}
    deep = {name for name in members if inner[name]}
    if TRAIN in splits and any(members[name][0] == TRAIN for name in deep):
        flat = not any(inner[name] for name in others)
        return _plain(members) if flat or len(splits) > 1 else None
    if TRAIN in splits:
        few = sum(len(below[name]) for name in others) < sum(len(below[name]) for name in members)
        return _plain(members) if len(splits) > 1 and few and len(others) < 2 else None
    return _test_beside_classes(inner, members, others, deep, found)


def _is_the_rest(name: str, rests: Collection[str]) -> bool:
    """Return whether a folder holds what the others do not: ``rps`` beside ``rps-test``, ``images`` beside ``test``."""
    return is_container(name) if not rests else " ".join(words(name)) in rests


def _plain(members: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    return {name: (split, "") for name, (split, _) in members.items()}


def _class_in_name(members: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, str]] | None:
    """Return splits and classes of ``train_cat``, ``train_dog``, ``test_cat``, ``test_dog``; None if it is no such."""
    classes: dict[str, set[str]] = defaultdict(set)
    for split, rest in members.values():
        classes[split].add(rest)
    if len(classes) < 2 or len({frozenset(each) for each in classes.values()}) != 1:
        return None
    return {name: (split, _as_written(name, rest)) for name, (split, rest) in members.items()}


def _as_written(name: str, rest: str) -> str:
    """Return the class in a folder's name as it is spelled there."""
    pattern = r"[\W_]*".join(re.escape(word) for word in rest.split())
    match = re.search(pattern, name, re.IGNORECASE)
    return match[0] if match else rest


def _test_beside_classes(
    inner: Mapping[str, Collection[str]],
    members: Mapping[str, tuple[str, str]],
    others: Sequence[str],
    deep: Collection[str],
    found: Divided,
) -> dict[str, tuple[str, str]] | None:
    """Return the division if ``test`` lies beside the folders of the classes themselves."""
    nothing = {name for name, (split, _) in members.items() if split == UNLABELLED}
    if len(others) < 2 or any(name.casefold() in {f"in{each}".casefold() for each in members} for name in others):
        return _plain({name: members[name] for name in nothing}) if nothing and len(others) > 1 else None
    repeats = {name for name in deep if {each.casefold() for each in inner[name]} <= {o.casefold() for o in others}}
    flat = {name for name in members if name not in deep}
    if repeats | flat != set(members):
        return None
    if doubtful := sorted(flat - nothing):
        named = ", ".join(quoted(name) for name in doubtful)
        found.doubt = _("{named} may be a class, or pictures without one for a test.").format(named=named)
    return _plain(members)


def _once(found: Divided, same: Callable[[str, str], bool]) -> Divided:
    """Return each picture once where sibling folders, folds for instance, divide the same ones in different ways."""
    parents = {folder.rpartition("/")[0].rpartition("/")[2] for folder in found.folders}
    if not grouping(parents):
        return found
    times: dict[tuple[str, Folder], list[Item]] = defaultdict(list)
    for item in found.items:
        path = tuple(step for step in item.path if step not in parents)
        times[item.file, path].append(replace(item, path=path))
    differing = [each for each in times.values() if len({item.split for item in each}) > 1]
    sample = differing[:: max(1, len(differing) // COMPARED)]
    if 2 * len(differing) < len(times) or not all(same(each[0].name, each[-1].name) for each in sample):
        return found
    first = [replace(each[0], split="") for each in times.values()]
    again = [
        LeftOut(item.name, _("The same picture as {name}.").format(name=each[0].name))
        for each in times.values()
        for item in each[1:]
    ]
    return replace(found, items=first, left_out=[*found.left_out, *again], folders={}, repeated=True)
