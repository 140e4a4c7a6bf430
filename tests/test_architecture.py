"""The rules that keep the rooms apart, each checked by a machine."""

import ast
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from tl_core import registry
from tl_core.networks.catalogue import CATALOGUE

ROOT = Path(__file__).parents[1]
CORE_FILES = sorted(path for path in (ROOT / "tl_core").rglob("*.py") if path.stem != "__main__")
CORE = [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in CORE_FILES]
PAGES = sorted(path for path in (ROOT / "pages").rglob("*.py"))


def loaded_after(code: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter has loaded after running ``code``."""
    script = f"{code}\nimport sys\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def imported(path: Path) -> set[str]:
    """Return the modules that a file imports, inside functions, too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_requirements_name_the_libraries_that_are_used_and_no_others():
    lines = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if not line.startswith("#")]
    required = {re.split(r"[^\w-]", line)[0] for line in lines}
    files = (*CORE_FILES, *PAGES, ROOT / "app.py")
    roots = {name.split(".")[0] for path in files for name in imported(path)} - {"tl_core", "pages"}
    named = {name for path in files for name in re.findall(r'"(\w+)["./]', path.read_text(encoding="utf-8"))}
    libraries = {
        root: {name.lower().replace("_", "-") for name in names}
        for root, names in metadata.packages_distributions().items()
    }

    unlisted = {root for root in roots & set(libraries) if not libraries[root] & required}
    assert not unlisted, f"requirements.txt lacks {unlisted}"
    used = set().union(*(libraries[root] for root in (roots | named) & set(libraries)))
    used |= {"cryptography"}  # distributed makes its certificates with it
    unused = required - used - {row.package.replace("_", "-") for row in CATALOGUE}
    assert not unused, f"nothing uses {unused} of requirements.txt"
    assert all("~=" in line for line in lines)


def test_every_function_that_is_named_by_a_string_is_there():
    names = [*(kind.function for kind in registry.KINDS.values()), *registry.QUESTIONS.values()]

    assert all(callable(registry.load(name)) for name in names)


def test_the_core_never_loads_streamlit():
    assert len(CORE) > 90
    assert "streamlit" not in loaded_after("import " + ", ".join(CORE))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_pages_never_name_tensorflow(path: Path):
    assert not {name for name in imported(path) if name.split(".")[0] in ("tensorflow", "keras")}


def test_the_user_interface_starts_without_tensorflow_pandas_or_dask():
    code = "import app; from pages._ui import home, pictures; from pages._ui.shell import layout, state, charts; "
    code += "from pages._ui.home import home; from pages._ui.pictures import samples, ways_in"

    assert not loaded_after(code) & {"tensorflow", "keras", "pandas", "distributed", "sklearn"}


def test_everything_that_pages_import_stays_without_tensorflow():
    files = sorted({name for path in PAGES for name in imported(path)} & set(CORE))

    assert len(files) > 30
    assert not loaded_after("import " + ", ".join(files)) & {"tensorflow", "keras"}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_state_holds_session_keys(path: Path):
    assert path.name == "state.py" or "session_state" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", CORE_FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_core_neither_seeds_nor_clears_what_all_threads_share(path: Path):
    """Another thread of the worker builds or draws at the same time; ``tl_core.seeds`` gives seeds of one's own."""
    assert not re.search(r"\b(set_random_seed|clear_session|random\.seed)\b", path.read_text(encoding="utf-8"))


#: What is kept for all sessions and holds nothing of anybody: it needs no folder in its key.
FOR_ALL = {"of_sample", "_pictures"}
#: Kept by what it is made from: pictures as they are, or their paths.
BY_CONTENT = {"_drawn", "_small"}
#: First arguments that name a folder; an edition does so, too.
BY_FOLDER = {"folder: str", "path: str", "of: Edition"}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_kept_for_all_sessions_is_kept_by_folder(path: Path):
    """People who share a server must not get what was kept for another: the folder is that of their own workspace."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name not in FOR_ALL | BY_CONTENT:
            kept = [ast.unparse(each) for each in node.decorator_list if "st.cache_" in ast.unparse(each)]
            first = next(map(ast.unparse, node.args.args), "")
            assert all("scope='session'" in each for each in kept) or first in BY_FOLDER, node.name


#: Where it is asked whether something is of texts or of pictures, how often; everything else goes by ``tasks``.
KNOW_KINDS = {
    "pages/_ui/take_away/proofs.py": 1,
    "tl_core/cli/importing.py": 2,
    "tl_core/cli/mistakes.py": 1,
    "tl_core/cli/runs.py": 1,
    "tl_core/cli/train.py": 2,
    "tl_core/dataset/kinds.py": 1,
    "tl_core/diagnosis/diagnose.py": 1,
    "tl_core/evaluation/predict.py": 5,
    "tl_core/export/text_bundle.py": 1,
    "tl_core/export/walkthrough.py": 1,
    "tl_core/experiments/search_words.py": 1,
    "tl_core/freezing/outline.py": 1,
    "tl_core/networks/examples.py": 4,
    "tl_core/networks/saved.py": 1,
    "tl_core/networks/tables.py": 2,
    "tl_core/tasks/table.py": 4,
    "tl_core/training/finish.py": 2,
    "tl_core/training/prepare.py": 2,
}


def test_kinds_of_task_are_told_apart_in_few_places():
    asks = re.compile(r'== "(?:texts|tags|boxes)"|(?<!def )takes_texts\(|recipe\.head\.several')
    found = {}
    for path in [*CORE_FILES, *PAGES]:
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if ">>>" not in line]
        if number := len(asks.findall("\n".join(lines))):
            found[path.relative_to(ROOT).as_posix()] = number
    assert found == KNOW_KINDS
