"""The rules that keep the rooms apart, each checked by a machine."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import tl_core

ROOT = Path(__file__).parents[1]
CORE = sorted(path.stem for path in (ROOT / "tl_core").glob("*.py") if path.stem not in ("__init__", "__main__"))
PAGES = sorted(path for path in (ROOT / "pages").rglob("*.py"))
#: Modules of tl_core that live in the TensorFlow world: workers load them, pages never do.
WORKER_ONLY = {
    "weights", "lite", "backbone", "wiring", "grouping", "graph", "features", "feeding", "augment", "model",
    "callbacks", "training", "probe", "sight", "gradcam", "explain", "evaluation", "prediction",
}  # fmt: skip
#: These have functions that pages may ask without TensorFlow.
FREE = {"weights", "backbone", "probe"}


def loaded_after(code: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter has loaded after running ``code``."""
    script = f"{code}\nimport sys\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def imported(path: Path, *, everywhere: bool) -> set[str]:
    """Return the modules that a file imports; ``everywhere`` counts imports inside functions, too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree) if everywhere else tree.body:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_the_map_of_the_core_names_every_module_once():
    lines = [line.partition(": ")[2] for line in tl_core.__doc__.splitlines() if ": " in line]

    assert sorted(name for line in lines for name in line.split(", ")) == CORE


def test_the_core_never_loads_streamlit():
    assert "streamlit" not in loaded_after("import " + ", ".join(f"tl_core.{module}" for module in CORE))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_pages_never_import_tensorflow(path: Path):
    found = imported(path, everywhere=True)

    assert not {name for name in found if name.split(".")[0] in ("tensorflow", "keras")}
    assert not found & {f"tl_core.{module}" for module in WORKER_ONLY - FREE}


def test_the_user_interface_starts_without_tensorflow_pandas_or_dask():
    code = "import app; from pages._ui import layout, state, home_view, samples_view, pictures_in, charts"

    assert not loaded_after(code) & {"tensorflow", "keras", "pandas", "distributed", "sklearn"}


def test_everything_that_pages_import_stays_without_tensorflow():
    modules = {name for path in PAGES for name in imported(path, everywhere=True) if name.startswith("tl_core.")}
    files = sorted(name for name in modules if (ROOT / (name.replace(".", "/") + ".py")).exists())

    assert not loaded_after("import " + ", ".join(files)) & {"tensorflow", "keras"}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_state_holds_session_keys(path: Path):
    assert path.name == "state.py" or "session_state" not in path.read_text(encoding="utf-8")


def test_pages_are_short():
    long = {path.name: lines for path in (ROOT / "pages").glob("*.py") if (lines := path.read_text().count("\n")) > 120}

    assert not long
    assert (ROOT / "app.py").read_text().count("\n") <= 40
