"""What a source means: every way to read its folders, file names and label tables, the likeliest first.

Only names are read, and tables. Files are compared where a folder may be a copy of what lies beside it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from tl_core import wording
from tl_core.dataset import tags
from tl_core.dataset.names import ClassNames, differing_by_case, plain
from tl_core.dataset.split_words import UNLABELLED
from tl_core.dataset.splits import SPLITS, TEST, TRAIN, VALIDATION
from tl_core.errors import InputError
from tl_core.ingest import doubts, file_labels, levels, parts, spelling, table_words, tables
from tl_core.ingest.aside import Item, SetAside, items_of, set_aside
from tl_core.ingest.entries import Entry, LeftOut, why_no_picture
from tl_core.ingest.file_labels import FileLabels
from tl_core.ingest.levels import Levels
from tl_core.ingest.parts import Divided
from tl_core.ingest.reading import Place, Reading, Readings
from tl_core.ingest.tables import Table
from tl_core.ingest.words import is_container
from tl_core.language import N_, _

NO_ROW = N_("The table of labels has no row for it.")
NO_LABEL = N_("The table of labels has no label for it.")
UNCLEAR = N_("The table of labels says neither 0 nor 1 for it.")
NAMED_TWICE = N_("The table of labels has it twice, with different labels.")
NO_CLASS = N_("It is in no class folder. Put it into a folder that is named after its class.")
UNNAMED = N_("Neither its folder nor its name gives a class.")
#: The names of the readings. Further levels of folders are ``folders-1`` (the outermost), ``folders-2`` …
FOLDERS, ALL_FOLDERS, MORE_FOLDERS, UNGROUPED, PATHS, NAMES, TABLE, TAGS = (
    "folders", "all-folders", "more-folders", "ungrouped", "paths", "names", "table", "tags",
)  # fmt: skip
#: A table is preferred to folders if it has a class for this share of the pictures.
MOST_NAMED = 0.9
#: At most this many classes are named in the title of a reading.
MOST_TITLED = 4
#: Characters of a cell that are shown.
MOST_CELL = 40

Labels = Mapping[str, str]
#: How many pictures a source gives to a split, and with the folders that they lie in.
_GIVEN = {
    TRAIN: (N_("{number} training pictures"), N_("{number} training pictures in {folders}")),
    VALIDATION: (N_("{number} validation pictures"), N_("{number} validation pictures in {folders}")),
    TEST: (N_("{number} test pictures"), N_("{number} test pictures in {folders}")),
}


def read(entries: Sequence[Entry], label_tables: Sequence[Entry] = ()) -> Readings:
    """Return every way to read a source, the likeliest first.

    Args:
        entries: the files that may be pictures.
        label_tables: the files that may be tables of labels.

    >>> pets = [Entry(f"seg_train/{label}/{n}.jpg", bytes) for label in ("cat", "dog") for n in range(3)]
    >>> test = [Entry(f"seg_test/{label}/{n}.jpg", bytes) for label in ("cat", "dog") for n in range(2)]
    >>> best = read([*pets, *test]).best
    >>> best.classes, best.parts
    ({'cat': 5, 'dog': 5}, {'train': 6, 'validation': 0, 'test': 4})
    """
    contents = {entry.name: entry.read for entry in entries}
    aside = set_aside(items_of(contents), _comparing(contents))
    divided = parts.divide(aside.items, _comparing(contents))
    table = tables.read(label_tables, [item.name for item in divided.items])
    unused = [
        LeftOut(each.name, table.unused.get(each.name) or why_no_picture(each.name) or _("Not a table of labels."))
        for each in label_tables
        if each.name not in table.names
    ]
    aside = SetAside(aside.items, [*aside.left_out, *unused])
    return _Reader(aside, divided, levels.read(divided.items), table).readings()


def _comparing(contents: Mapping[str, Callable[[], bytes]]) -> Callable[[str, str], bool]:
    def same(one: str, other: str) -> bool:
        try:
            return contents[one]() == contents[other]()
        except InputError:
            return False

    return same


@dataclass(frozen=True)
class _Reader:
    """A source as it was taken apart.

    Attributes:
        aside: all pictures without masks and copies.
        divided: those with their splits.
        levels: of the folders below the splits.
        table: what the label tables say.
    """

    aside: SetAside
    divided: Divided
    levels: Levels
    table: Table

    def readings(self) -> Readings:
        """Return the readings in the order of their likelihood."""
        folders = self._folders()
        several, one = self._tags(), self._tables()
        by_table = [several, *one] if self.table.surely_tags else [*one[:1], several, *one[1:]]
        names = self._names()
        if folders and names:
            folders[0], names[0] = doubts.against(folders[0], names[0])
            paired = doubts.pairs(folders[0])
            names = [replace(each, doubt=each.doubt or paired) for each in names]
        others = [each for each in (*by_table, *names) if each]
        others = [each for each in others if not any(_same(each, known) for known in folders)]
        if not folders and not others:
            return Readings([self._nothing()])
        if others and folders and len(classes := folders[0].classes) == 1 and is_container(next(iter(classes))):
            folders = []
        return Readings(_ordered(folders, others, numbered=bool(self.levels.groupings and self.levels.groupings[-1])))

    def _nothing(self) -> Reading:
        literal = self._literal(FOLDERS) if self.divided.folders else None
        return literal or self._made("", _("No classes"), {}, ())

    # By folders

    def _folders(self) -> list[Reading]:
        """Return the reading by the likeliest level of folders, then those by the other levels."""
        chosen = self.levels.chosen
        if chosen is None:
            return []
        every = range(len(self.levels.names))
        best = self._of_level(FOLDERS, _("Folders"), chosen, grouped=True)
        if not best.places:
            return []
        readings = [replace(best, doubt=self._folder_doubt(best))]
        if self.levels.groups:
            readings.append(
                self._of_level(
                    UNGROUPED, _("Folders, without keeping days or patients together"), chosen, grouped=False
                )
            )
        for level in every:
            if level != chosen:
                title = _("Outer folders") if level < chosen else _("Inner folders")
                readings.append(self._of_level(f"{FOLDERS}-{level + 1}", title, level, grouped=False))
        if len(set(every) - set(self.levels.groups)) > 1:
            readings.append(self._by_path(chosen))
        if self.divided.beside:
            readings.append(self._with_beside(chosen))
        elif self.divided.doubt and (literal := self._literal(ALL_FOLDERS)):
            readings.append(literal)
        return readings

    def _with_beside(self, chosen: int) -> Reading:
        """Return the reading in which the folder beside the splits gives pictures without a split."""
        names = {item.name for item in self.divided.beside}
        left_out = [each for each in self.divided.left_out if each.name not in names]
        items = [*self.divided.items, *self.divided.beside]
        divided = replace(self.divided, items=items, left_out=left_out, beside=[])
        whole = replace(self, divided=divided, levels=levels.read(items))
        title = _("Folders, with those beside the splits")
        return whole._of_level(MORE_FOLDERS, title, min(chosen, len(whole.levels.names) - 1), grouped=True)

    def _folder_doubt(self, best: Reading) -> str:
        if doubt := self.levels.doubt or self.divided.doubt or doubts.pairs(best) or doubts.single(best):
            return doubt
        loose = sum(item.reason == NO_CLASS for item in best.left_out)
        return _("Most pictures lie in no class folder.") if loose > len(best.places) else ""

    def _of_level(self, name: str, title: str, level: int, *, grouped: bool) -> Reading:
        labels = {item.name: self.levels.label(item, level) for item in self.divided.items}
        beside = {item.name: _beside(self.levels, item, level) for item in self.divided.items}
        spelled = spelling.one_spelling(labels, beside)
        labels = spelling.without_copies(spelled, beside)
        copied = sorted({(spelled[each], label) for each, label in labels.items() if spelled[each] != label})
        labels |= self._unnamed(labels)
        groups = {item.name: self.levels.group(item, level) for item in self.divided.items} if grouped else {}
        if _across(groups, self.divided.items):
            groups = {}
        remarks = [levels.describe(self.levels)] if groups else []
        text = _("“{copy}” is taken for a copy of “{name}”: its pictures go there.")
        remarks += [text.format(copy=plain(copy), name=plain(bare)) for copy, bare in copied]
        return self._made(name, title, labels, remarks, groups)

    def _by_path(self, chosen: int) -> Reading:
        named = [level for level in range(chosen + 1) if level not in self.levels.groups]
        labels = {
            item.name: "/".join(filter(None, (self.levels.label(item, level) for level in named)))
            for item in self.divided.items
            if self.levels.label(item, chosen)
        }
        return self._made(PATHS, _("Folder paths"), labels, ())

    def _unnamed(self, labels: Labels) -> dict[str, str]:
        """Return the classes of pictures in a split without class folders: by a table, or by their own names."""
        classes = sorted(set(labels.values()) - {""})
        without = defaultdict(list)
        for item in self.divided.items:
            if not labels.get(item.name) and item.split in SPLITS:
                without[item.split, item.path].append(item)
        said: dict[str, str] = {}
        for items in without.values():
            listed = {item.name: _known(self.table.labels.get(item.name, ""), classes) for item in items}
            if not any(listed.values()):
                named = file_labels.by_known([item.file for item in items], classes)
                listed = {item.name: named.get(item.file, "") for item in items}
            said |= listed
        return said

    def _literal(self, name: str) -> Reading | None:
        """Return the reading in which folders that are called like splits are classes; None if there are none."""
        plain = levels.read(self.aside.items)
        if plain.chosen is None:
            return None
        whole = _Reader(self.aside, Divided(list(self.aside.items)), plain, Table())
        reading = whole._of_level(name, _("Every folder"), plain.chosen, grouped=False)
        return replace(reading, doubt=plain.doubt or self.divided.doubt)

    # By names and tables

    def _names(self) -> list[Reading]:
        """Return the readings by what the names of the files hold, the likeliest first."""
        main = [item for item in self.divided.items if item.split in (TRAIN, "")]
        main = main or [item for item in self.divided.items if item.split != UNLABELLED]
        found = file_labels.read([item.file for item in main]) if len(main) > 1 else []
        return [self._by_names(main, each, f"{NAMES}-{at}" if at > 1 else NAMES) for at, each in enumerate(found, 1)]

    def _by_names(self, main: Sequence[Item], found: FileLabels, name: str) -> Reading:
        labels = {item.name: found.of.get(item.file, "") for item in main}
        labels |= self._unnamed({item.name: labels.get(item.name, "") for item in self.divided.items})
        reading = self._made(name, _("File names"), labels, self._grouped({}), self._groups())
        doubt = "" if found.sure else _("The names of the files may hold the classes, but that is not certain.")
        if found.two:
            one, other = found.two
            doubt = _("The names of the files hold two things, such as “{one}” and “{other}”. Choose the classes.")
            doubt = doubt.format(one=one, other=other)
        return replace(_undivided(reading), doubt=doubt)

    def _tables(self) -> list[Reading]:
        """Return the reading by the column of labels, then those by other columns, and the one that keeps no groups."""
        if not self.table.labels:
            return []
        title = _("Label table ({names})").format(names=self._table_names)
        groups = {name: group for name, group in self.table.groups.items() if group}
        about = [table_words.missing_rows(self.table), *self._grouped(groups)]
        best = self._by_table(TABLE, title, self.table.labels, groups, about)
        others = [
            self._by_table(f"{TABLE}-{at}", f"{title}, {wording.quoted(plain(head))}", labels, groups, about)
            for at, (head, labels) in enumerate(self.table.columns.items(), 2)
        ]
        if groups:
            title = _("{reading}, without keeping these groups together").format(reading=title)
            others.append(
                self._by_table(
                    f"{TABLE}-{UNGROUPED}", title, self.table.labels, {}, [table_words.missing_rows(self.table)]
                )
            )
        return [best, *others]

    def _by_table(self, name: str, title: str, labels: Labels, groups: Labels, about: Sequence[str]) -> Reading:
        splits = {name: split for name, split in self.table.splits.items() if split in SPLITS}
        groups = groups or self._groups()
        return _undivided(self._made(name, title, labels, about, groups, splits, by_table=True))

    def _tags(self) -> Reading | None:
        """Return the reading in which pictures have several labels, or none."""
        if not any(self.table.tags.values()):
            return None
        spelled = _Tags()
        labels = {
            name: tags.join(filter(None, map(spelled.__getitem__, each))) for name, each in self.table.tags.items()
        }
        own = {name: group for name, group in self.table.groups.items() if group}
        places, left_out, groups = [], [*self.aside.left_out, *self.divided.left_out], own or self._groups()
        for item in self.divided.items:
            split = self.table.splits.get(item.name, "") or item.split
            if item.name in labels and item.split != UNLABELLED:
                split = split if split in SPLITS else ""
                places.append(Place(item.name, labels[item.name], split, groups.get(item.name, "")))
            else:
                twice, unclear = item.name in self.table.twice, item.name in self.table.unclear
                left_out.append(LeftOut(item.name, NAMED_TWICE if twice else UNCLEAR if unclear else NO_ROW))
        said = [self._splits(places), *self._grouped(own), *table_words.about_tags(self.table, places)]
        names = wording.listed(sorted({name for each in labels.values() for name in tags.split(each)}), MOST_TITLED)
        reading = Reading(
            name=TAGS,
            title=_("Several labels a picture ({tables}): {tags}").format(tables=self._table_names, tags=names),
            places=places,
            left_out=sorted(left_out, key=lambda each: each.name),
            remarks=[each for each in said if each],
            kind="tags",
        )
        return _undivided(reading) if places else None

    @property
    def _table_names(self) -> str:
        return wording.listed([name.rpartition("/")[2] for name in self.table.names], 2)

    def _groups(self) -> dict[str, str]:
        """Return the days or patients that folders name where the classes come from elsewhere."""
        strong = [level for level, how in enumerate(self.levels.groupings) if how == 2]
        return {
            item.name: "/".join(filter(None, (self.levels.label(item, level) for level in strong)))
            for item in self.divided.items
        }

    def _grouped(self, groups: Labels) -> list[str]:
        """Return a sentence on what stays in one split: what a table says, else days or patients that folders name."""
        if groups:
            shown = wording.listed([wording.quoted(plain(name)) for name in sorted(set(groups.values()))], 3)
            text = _("The pictures of one group stay in one split: {groups}.")
            return [text.format(groups=shown)]
        strong = [level for level, how in enumerate(self.levels.groupings) if how == 2]
        return [levels.describe(replace(self.levels, groups=strong))]

    # Together

    def _made(
        self,
        name: str,
        title: str,
        labels: Labels,
        remarks: Sequence[str],
        groups: Labels | None = None,
        splits: Labels | None = None,
        *,
        by_table: bool = False,
    ) -> Reading:
        """Return the reading in which the pictures have these classes."""
        spelled = _Spelled()
        places, left_out = [], [*self.aside.left_out, *self.divided.left_out]
        for item in self.divided.items:
            label = spelled[labels.get(item.name, "")]
            split = (splits or {}).get(item.name, "") or (item.split if item.split in SPLITS else "")
            if label and item.split != UNLABELLED:
                places.append(Place(item.name, label, split, (groups or {}).get(item.name, "")))
            else:
                left_out.append(LeftOut(item.name, self._why_by_table(item) if by_table else self._why(item)))
        alike = differing_by_case(place.label for place in places)
        said = [self._splits(places), *remarks, *spelled.notes(), *alike]
        classes = wording.listed(sorted({place.label for place in places}), MOST_TITLED)
        return Reading(
            name=name,
            title=f"{title}: {classes}",
            places=places,
            left_out=sorted(left_out, key=lambda each: each.name),
            remarks=[each for each in said if each],
        )

    def _why(self, item: Item) -> str:
        return UNNAMED if item.split else NO_CLASS

    def _why_by_table(self, item: Item) -> str:
        if item.name in self.table.several:
            return _("It has several classes in the label table.")
        return NO_LABEL if item.name in self.table.blank else NO_ROW

    def _splits(self, places: Sequence[Place]) -> str:
        """Return how many pictures come with which split, and by which folder, in a sentence."""
        if self.divided.repeated:
            return _("The folds divide the same pictures again and again. Each picture is taken once, without a split.")
        counts = Counter(place.split for place in places)
        said = []
        for split in filter(counts.__getitem__, SPLITS):
            of_split = [name for name, each in self.divided.folders.items() if each == split]
            folders = list(dict.fromkeys(name.rpartition("/")[2] for name in of_split))
            of_pictures, in_folders = _GIVEN[split]
            text = _(in_folders if folders else of_pictures)
            said.append(text.format(number=wording.number(counts[split]), folders=wording.listed(folders, 3)))
        return _("The source gives {pictures}.").format(pictures="; ".join(said)) if said else ""


class _Tags(ClassNames):
    """The tag of each label as it came; ``""`` for one that cannot name a tag."""

    def __missing__(self, label: str) -> str:
        name = super().__missing__(label)
        self[label] = tags.tag_name(name) if name else ""
        return self[label]


class _Spelled(ClassNames):
    """Knows which classes are called otherwise than their folders."""

    def notes(self) -> list[str]:
        """Return a sentence on each class that is called otherwise than its folder."""
        changed = [(label, name) for label, name in self.items() if name not in ("", label) and "/" not in label]
        return [
            _("The folder “{label}” became the class “{name}”.").format(label=label, name=name)
            for label, name in changed
        ]


def _across(groups: Labels, items: Sequence[Item]) -> bool:
    """Return whether the splits that pictures came with divide a group."""
    splits: dict[str, set[str]] = defaultdict(set)
    for item in items:
        if item.split in SPLITS and groups.get(item.name):
            splits[groups[item.name]].add(item.split)
    return any(len(each) > 1 for each in splits.values())


def _beside(found: Levels, item: Item, level: int) -> tuple[str, ...]:
    """Return the place of a picture's class folder: folders of one place lie side by side."""
    return (item.split, *found.rows.get(item.name, ())[:level])


def _known(label: str, classes: Sequence[str]) -> str:
    """Return the class that a table means: the same text, in another case, or the same number (``0`` and ``00000``)."""
    for same in (str, str.casefold, lambda text: str(int(text)) if text.isdecimal() else ""):
        for name in classes:
            if label and same(name) and same(name) == same(label):
                return name
    return ""


def _undivided(reading: Reading) -> Reading:
    """Return the reading without a split that is the only one: it divides nothing."""
    if {place.split for place in reading.places} - {""} == {TRAIN}:
        return replace(reading, places=[replace(place, split="") for place in reading.places])
    return reading


def _same(one: Reading, other: Reading) -> bool:
    """Return whether two readings give the same classes to the same pictures."""
    return {(place.name, place.label) for place in one.places} == {(place.name, place.label) for place in other.places}


def _ordered(folders: Sequence[Reading], others: Sequence[Reading], *, numbered: bool) -> list[Reading]:
    """Return readings by their likelihood: clear folders first, then tables, then names, then what is in doubt."""
    by_folders = folders[0] if folders else None
    if by_folders is None or by_folders.doubt or len(by_folders.classes) < 2:
        clear = [each for each in others if not each.doubt and len(each.classes) > 1]
        names = [each for each in others if each.name.startswith(NAMES)]
        if (
            by_folders and len(by_folders.classes) == 1 and len(names) > 1
        ):  # one folder around names that hold two things
            clear += names
        return [*clear, *folders, *(each for each in others if each not in clear)]
    table = next((each for each in others if each.name in (TABLE, TAGS)), None)
    if table is not None and len(table.places) >= MOST_NAMED * len(by_folders.places) and table is others[0]:
        named = ", ".join(wording.quoted(name) for name in list(by_folders.classes)[:3])
        other = _("The label table gives other classes than the folders {named}.").format(named=named)
        doubt = "" if numbered else other
        return [replace(table, doubt=doubt), *folders, *others[1:]]
    return [*folders, *others]
