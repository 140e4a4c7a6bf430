"""What lies beside the pictures of a set and is none of them: masks, annotations, an inner copy of the set itself."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from tl_core.dataset.split_words import split_of
from tl_core.ingest.entries import LeftOut
from tl_core.ingest.words import MASK_ENDING, PAPERS, is_container, is_mask, is_sure_mask
from tl_core.language import _

Folder = tuple[str, ...]
#: How many pictures are compared before an inner copy counts as one.
COMPARED = 5
#: At most this share of the pictures lies in folders of documents.
FEW = 0.2


@dataclass(frozen=True)
class Item:
    """A picture and where it lies.

    Attributes:
        name: its entry's, ``/`` between folders.
        file: the name of the file.
        path: the folders around it that still have a meaning, outermost first.
        split: ``"train"``, ``"validation"``, ``"test"``, ``UNLABELLED`` or ``""``.
    """

    name: str
    file: str
    path: Folder
    split: str = ""

    @property
    def stem(self) -> str:
        """The name of the file without its ending."""
        return self.file.rpartition(".")[0] or self.file

    @property
    def ending(self) -> str:
        """The ending of the file's name in lower case."""
        return self.file.rpartition(".")[2].lower()


@dataclass(frozen=True)
class SetAside:
    """The pictures that remain, and those that were set aside with the reason."""

    items: list[Item]
    left_out: list[LeftOut]

    def without(self, gone: dict[str, str]) -> "SetAside":
        """Return the same without the pictures that are named; the values are the reasons."""
        if not gone:
            return self
        left_out = [LeftOut(item.name, gone[item.name]) for item in self.items if item.name in gone]
        return SetAside([item for item in self.items if item.name not in gone], [*self.left_out, *left_out])


def items_of(names: Iterable[str]) -> list[Item]:
    """Return pictures by the names of their entries; of a folder in a folder of the same name one is enough."""
    items = []
    for name in names:
        *folders, file = name.split("/")
        items.append(Item(name, file, tuple(folders)))
    return items


def set_aside(items: list[Item], same: Callable[[str, str], bool]) -> SetAside:
    """Return the pictures without masks and inner copies.

    Args:
        items: all pictures.
        same: whether two entries have the same content.
    """
    remaining = SetAside(items, [])
    remaining = remaining.without(_copies(remaining.items, same))
    remaining = remaining.without(_masks_beside(remaining.items))
    remaining = remaining.without(_mask_folders(remaining.items))
    remaining = remaining.without(_papers(remaining.items))
    return replace(remaining, items=_undoubled(remaining.items))


def _undoubled(items: Sequence[Item]) -> list[Item]:
    """Return the pictures without folders that add nothing to the path.

    These repeat the one around them (``images/Images/cat``), or hold folders of the names that lie beside them:
    ``pets/cat``, ``pets/dog`` and ``pets/more/cat``, ``pets/more/dog``.
    """
    inside: dict[Folder, set[str]] = defaultdict(set)
    for path in {item.path for item in items}:
        for depth, step in enumerate((*path, "")):
            inside[path[:depth]].add(step)

    def needed(path: Folder, place: int) -> bool:
        own, beside = inside[path[: place + 1]], inside[path[:place]]
        doubled = place > 0 and path[place].casefold() == path[place - 1].casefold()
        if doubled and (len(beside) == 1 or own <= beside):
            return False
        return not (len(own) > 1 and own <= beside - {path[place]} and not split_of(path[place]))

    paths = {path: tuple(step for at, step in enumerate(path) if needed(path, at)) for path in {i.path for i in items}}
    return [replace(item, path=paths[item.path]) for item in items]


def _copies(items: Sequence[Item], same: Callable[[str, str], bool]) -> dict[str, str]:
    """Return the pictures of a folder that holds once more what lies beside it, one level deeper."""
    names = {item.name for item in items}
    below: dict[Folder, list[Item]] = defaultdict(list)
    for item in items:
        for depth in range(1, len(item.path)):  # a copy has folders of its own, so it is no innermost folder
            below[item.path[:depth]].append(item)
    gone: dict[str, str] = {}
    for folder, inner in sorted(below.items(), key=lambda pair: len(pair[0])):
        outer = ["/".join((*folder[:-1], *item.path[len(folder) :], item.file)) for item in inner]
        if len({item.path[len(folder)] for item in inner if len(item.path) > len(folder)}) < 2:
            continue
        if not all(name in names for name in outer) or inner[0].name in gone:
            continue
        step = max(1, len(inner) // COMPARED)
        if all(same(item.name, name) for item, name in list(zip(inner, outer, strict=True))[::step]):
            gone |= {
                item.name: _("“{folder}” is a copy of what lies beside it.").format(folder="/".join(folder))
                for item in inner
            }
    return gone


def _masks_beside(items: Sequence[Item]) -> dict[str, str]:
    """Return masks that lie in one folder with their pictures: ``benign (1).png``, ``benign (1)_mask.png``."""
    stems = {(item.path, item.stem) for item in items}
    gone = {}
    for item in items:
        bare = MASK_ENDING.sub("", item.stem)
        if bare and bare != item.stem and (item.path, bare) in stems:
            gone[item.name] = _("By its name a mask of a picture beside it.")
    # A few names may end like masks by chance; masks have about as many pictures.
    return gone if 4 * len(gone) >= len(items) - len(gone) else {}


def _mask_folders(items: Sequence[Item]) -> dict[str, str]:
    """Return the pictures of folders that are called like masks and hold what belongs to other pictures."""
    inside: dict[Folder, list[Item]] = defaultdict(list)
    siblings: dict[Folder, set[str]] = defaultdict(set)
    for item in items:
        for depth, step in enumerate(item.path):
            siblings[item.path[:depth]].add(step)
            if is_mask(step):
                inside[item.path[: depth + 1]].append(item)
    gone: dict[str, str] = {}
    for folder, masks in inside.items():
        beside = siblings[folder[:-1]] - {folder[-1]}
        if masks[0].name in gone or not _speaks_for_masks(folder, masks, items, beside):
            continue
        gone |= {
            item.name: _("“{folder}” holds masks or annotations, by its name.").format(folder="/".join(folder))
            for item in masks
        }
    return gone if len(gone) < len(items) else {}


def _papers(items: Sequence[Item]) -> dict[str, str]:
    """Return the few pictures of folders called ``docs`` or ``assets`` beside folders of other names."""
    gone = {}
    for item in items:
        step = next((step for step in item.path if step.casefold() in PAPERS), "")
        if step:
            gone[item.name] = _("“{step}” holds no pictures of a class, by its name.").format(step=step)
    return gone if len(gone) <= FEW * len(items) else {}


def _speaks_for_masks(folder: Folder, masks: Sequence[Item], items: Sequence[Item], beside: set[str]) -> bool:
    """Return whether a folder called like masks holds some: it has the names of pictures, beside a plain container."""
    others = [item for item in items if item.path[: len(folder)] != folder]
    stems = {item.stem for item in others}
    bare = {item.stem for item in masks}
    shared = sum(stem in stems or MASK_ENDING.sub("", stem) in stems for stem in bare) / len(bare)
    plain = any(is_container(name) or is_mask(name) or split_of(name) for name in beside)
    own_kind = {item.ending for item in masks}.isdisjoint(item.ending for item in others)
    suffixed = not bare & stems
    if is_sure_mask(folder[-1]):
        inside = {item.path[len(folder)] for item in masks if len(item.path) > len(folder)}
        return shared >= 0.5 or plain or not beside or (bool(inside) and inside <= beside)
    return shared >= 0.8 and (plain or own_kind or suffixed)
