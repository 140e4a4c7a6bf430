"""Which level of folders names the classes, and which ones name days, folds, patients or cameras."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tl_core import wording
from tl_core.dataset.split_words import UNLABELLED, split_word, words
from tl_core.ingest.aside import Folder, Item
from tl_core.ingest.words import CONTAINERS, grouping, is_container, says_no_class
from tl_core.language import _, ngettext

#: A level of folders counts if this share of the pictures, and of the folders above it, has it.
MOST_PICTURES, MOST_FOLDERS = 0.9, 0.8
#: At most this share of the pictures may lie loose beside the one folder that holds the set.
MOST_LOOSE = 0.2
#: Sub-folders are the same below their siblings if at least this share of them is.
SAME_BELOW = 0.5


@dataclass(frozen=True, kw_only=True)
class Levels:
    """The levels of folders below the splits.

    Attributes:
        rows: for each picture by name, the folders of its levels; shorter for a picture that lies loose.
        names: for each level, the names of its folders.
        groupings: for each level, how much it looks like days, folds or patients (``words.grouping``).
        chosen: the level of the classes, counted from outside; None where there are no folders.
        groups: the levels that name what stays together.
        doubt: why a person has to choose, or ``""``.
    """

    rows: Mapping[str, Folder]
    names: Sequence[Sequence[str]] = ()
    groupings: Sequence[int] = ()
    chosen: int | None = None
    groups: Sequence[int] = ()
    doubt: str = ""

    def label(self, item: Item, level: int) -> str:
        """Return the folder of a picture at a level, ``""`` if it lies loose."""
        row = self.rows.get(item.name, ())
        return row[level] if len(row) > level else ""

    def group(self, item: Item, level: int) -> str:
        """Return what a picture shares with others that stay in its split: a day, or a number within its class."""
        steps = []
        for each in self.groups:
            row = self.rows.get(item.name, ())
            if len(row) > each:
                inside = each > level and self.groupings[each] < 2  # numbers below a class mean nothing outside it
                steps.append("/".join((*((row[level],) if inside else ()), row[each])))
        return "/".join(steps)


def read(items: Sequence[Item]) -> Levels:
    """Return the levels of folders of a set, of which the splits were taken out of the paths."""
    main = _main(items)
    paths, wrapping = _unwrapped([item.path for item in main])
    paths = _without_constant(paths)
    count = _depth(paths)
    rows = {item.name: path for item, path in zip(main, paths, strict=True)}
    if not count:
        return Levels(rows=rows)
    names = [sorted({path[level] for path in paths if len(path) > level}) for level in range(count)]
    groupings = [grouping(each) or _numbered_inside(paths, level) for level, each in enumerate(names)]
    levels = Levels(rows=rows, names=names, groupings=groupings)
    levels = _chosen(levels, paths)
    return replace(levels, rows=rows | _others(items, levels, main, wrapping))


def _main(items: Sequence[Item]) -> list[Item]:
    """Return the pictures of the split with the most folders: training, as a rule."""
    folders: dict[str, set[Folder]] = defaultdict(set)
    for item in items:
        if item.split != UNLABELLED:
            folders[item.split].add(item.path)
    if not folders:
        return []
    order = ("train", "", "validation", "test")
    best = max(folders, key=lambda split: (len(folders[split] - {()}), -order.index(split)))
    return [item for item in items if item.split in (best, "")]


def _unwrapped(paths: list[Folder]) -> tuple[list[Folder], Folder]:
    """Return the paths below the folders that wrap them all, and those folders.

    A folder that holds pictures itself is a class and no wrapper, unless several folders, or one with a set in it, lie
    beside a few loose pictures. Beside a folder called ``data`` with nearly all pictures, the others are loose.
    """
    wrapping: Folder = ()
    while True:
        first = Counter(path[:1] for path in paths if path)
        head = max(first, key=first.__getitem__, default=())
        loose = len(paths) - first[head]
        if not head or loose > MOST_LOOSE * len(paths) or (len(first) > 1 and not is_container(head[0])):
            return paths, wrapping
        deeper = [path[1:] if path[:1] == head else () for path in paths]
        if not any(deeper) or not _holds_a_set(deeper):
            return paths, wrapping
        wrapping, paths = wrapping + head, deeper


def _holds_a_set(paths: Sequence[Folder]) -> bool:
    """Return whether the folders inside may be classes: nothing lies loose, or two or more branch off further down."""
    loose = sum(not path for path in paths)
    if not loose:
        return True
    if len({path[0] for path in paths if path}) > 1:
        return True
    inside = [path[1:] for path in paths if path]
    return loose <= MOST_LOOSE * len(paths) and any(inside) and _holds_a_set(inside)


def _without_constant(paths: Sequence[Folder]) -> list[Folder]:
    """Return the paths without levels on which all folders have one name: ``cat/images``, ``dog/images``."""
    deepest = max((len(path) for path in paths), default=0)
    names = [{path[level] for path in paths if len(path) > level} for level in range(deepest)]
    constant = {level for level in range(1, deepest) if len(names[level]) == 1}
    return [tuple(step for level, step in enumerate(path) if level not in constant) for path in paths]


def _depth(paths: Sequence[Folder]) -> int:
    """Return how many levels of folders nearly all pictures and folders have."""
    depth = 0
    while True:
        here = [path for path in paths if len(path) >= depth]
        deeper = [path for path in here if len(path) > depth]
        nodes, inner = {path[:depth] for path in here}, {path[:depth] for path in deeper}
        few = len(deeper) < MOST_PICTURES * len(here) or len(inner) < MOST_FOLDERS * len(nodes)
        if not deeper or (few and depth):  # pictures beside the outermost folders are loose, however many
            return depth
        depth += 1


def _numbered_inside(paths: Sequence[Folder], level: int) -> int:
    """Return 1 if the folders of a level are numbered in each folder around them: ``bowling/v_bowling_g01``."""
    inside: dict[Folder, set[str]] = defaultdict(set)
    for path in paths:
        if len(path) > level:
            inside[path[:level]].add(path[level])
    return int(level > 0 and len(inside) > 1 and all(grouping(each) for each in inside.values()))


def _chosen(levels: Levels, paths: Sequence[Folder]) -> Levels:
    """Return the levels with the one of the classes."""
    every = range(len(levels.names))
    strong = [level for level in every if levels.groupings[level] == 2]
    weak = [level for level in every if levels.groupings[level] == 1]
    left = [level for level in every if level not in strong and level not in weak]
    if left:
        groups = [*strong, *weak]
    elif weak:
        left, groups = weak, strong
    else:
        left, groups = strong, []
    doubt = _doubt(levels, paths, left)
    return replace(levels, chosen=left[-1], groups=sorted(groups), doubt=doubt)


def _doubt(levels: Levels, paths: Sequence[Folder], left: Sequence[int]) -> str:
    """Return why the folders of the innermost level in question may be no classes."""
    names = levels.names[left[-1]]
    shown = ", ".join(wording.quoted(name) for name in names[:4]) + (" …" if len(names) > 4 else "")
    suspicious = [name for name in names if says_no_class(name) or _splits_another(name, names)]
    holding = 2 * sum(map(is_container, names)) >= len(names)
    if len(suspicious) == len(names):
        return ngettext(
            "There is no class folder: {shown} does not look like a class.",
            "There is no class folder: {shown} do not look like classes.",
            len(names),
        ).format(shown=shown)
    numbered = len(levels.names) == 1 and levels.groupings[-1] == 1
    if numbered and any(set(words(name)) & CONTAINERS for name in names):
        return _("There is no class folder: {shown} look like parts of one set.").format(shown=shown)
    if holding or len(suspicious) > 1:
        some = ", ".join(wording.quoted(name) for name in suspicious[:4]) + (" …" if len(suspicious) > 4 else "")
        return _("Some folders do not look like classes: {shown}.").format(shown=some)
    if len(left) > 1 and _repeats(paths, left[-2], left[-1]):
        outer = ", ".join(wording.quoted(name) for name in levels.names[left[-2]][:4])
        return _("The classes may be {outer}, or {shown}, which lie in each of them.").format(outer=outer, shown=shown)
    if left[-1] + 1 == len(levels.names) and _repeats(paths, left[-1], left[-1] + 1, least=2):
        return _("The classes may be {shown}, or the folders in them, of which several have the same names.").format(
            shown=shown
        )
    return ""


def _splits_another(name: str, names: Sequence[str]) -> bool:
    """Return whether a folder is called like a split of what another one is called after: ``rps`` and ``rps-test``."""
    split, rest = split_word(name)
    others = {" ".join(each) for other in names if other != name for each in (words(other), (split_word(other)[1],))}
    return bool(split and rest) and rest in others


def _repeats(paths: Sequence[Folder], outer: int, inner: int, least: int = 1) -> bool:
    """Return whether the folders of one level have the same folders in them, at least so many."""
    inside: dict[str, set[str]] = defaultdict(set)
    for path in paths:
        if len(path) > inner:
            inside[path[outer]].add(path[inner].casefold())
    times = Counter(name for each in inside.values() for name in each)
    repeated = sum(count > 1 for count in times.values())
    return len(inside) > 1 and repeated >= max(least, SAME_BELOW * len(times))


def _others(items: Sequence[Item], levels: Levels, main: Sequence[Item], wrapping: Folder) -> dict[str, Folder]:
    """Return the rows of the other splits: their classes are the folders that have the names of classes.

    A single folder of another name in them says nothing; of several, each is a class of its own.
    """
    assert levels.chosen is not None, "there are levels"
    known = {name.casefold(): name for name in levels.names[levels.chosen]}
    seen = {item.name for item in main}
    others = [item for item in items if item.name not in seen and item.split != UNLABELLED]
    rows, unknown = {}, defaultdict(list)
    for item in others:
        path = item.path[len(wrapping) :] if item.path[: len(wrapping)] == wrapping else item.path
        place = next((at for at, step in reversed(list(enumerate(path))) if step.casefold() in known), None)
        if place is not None:
            before = (*path[max(0, place - levels.chosen) : place],)
            padded = ("",) * (levels.chosen - len(before)) + before
            rows[item.name] = (*padded, path[place], *path[place + 1 :])
        elif len(path) > levels.chosen:
            unknown[item.split].append((item.name, path))
    for split, new in unknown.items():
        classes = {path[levels.chosen] for __, path in new}
        beside = any(item.split == split and item.name in rows for item in others)
        if (len(classes) > 1 or beside) and not any(says_no_class(name) for name in classes):
            rows |= dict(new)
    return rows


def describe(levels: Levels) -> str:
    """Return a sentence on the groups; ``""`` without any."""
    named = [name for level in levels.groups for name in levels.names[level]]
    if not named:
        return ""
    shown = wording.listed([wording.quoted(name) for name in named], 3)
    return _("{shown} are no classes: the pictures of each stay in one split.").format(shown=shown)
