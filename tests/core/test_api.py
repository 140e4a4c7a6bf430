"""The ten names of ``import tl_core``: light to import, each with an example that runs, as one story."""

import contextlib
import doctest
import io
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import tl_core
from tests.core.pictures import CtrlC
from tl_core import api, runs
from tl_core.dataset import manifest
from tl_core.errors import InputError, NotFoundError
from tl_core.workspace import Workspace

README = Path(__file__).parents[2] / "README.md"
#: In this order a person comes to them.
STORY = (
    "open_workspace",
    "import_pictures",
    "list_networks",
    "train",
    "cross_validate",
    "evaluate",
    "predict",
    "explain_picture",
    "compare",
)


def test_the_names_are_ten_and_none_is_that_of_a_package():
    assert tl_core.__all__ == sorted({*STORY, "Draft"})
    assert [name for name in dir(tl_core) if not name.startswith("__")] == tl_core.__all__, "what tab completion offers"
    assert not set(tl_core.__all__) & {module.name for module in pkgutil.iter_modules(tl_core.__path__)}
    with pytest.raises(AttributeError, match="no attribute 'tran'"):
        tl_core.tran  # noqa: B018


def test_the_import_is_light():
    code = (
        "import sys, time; began = time.perf_counter(); import tl_core; seconds = time.perf_counter() - began;"
        "print(seconds, *{name.split('.')[0] for name in sys.modules})"
    )
    seconds, *modules = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert float(seconds) < 0.3
    assert not {"tensorflow", "keras", "pandas", "numpy", "streamlit", "distributed"} & set(modules)


def test_the_names_that_train_nothing_need_no_tensorflow():
    code = "import sys, tl_core as thaw; thaw.list_networks(), thaw.Draft(); print('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_what_a_notebook_gets_wrong_is_a_sentence_and_leaves_nothing(workspace: Workspace, pictures: Path):
    for source, problem in ((pictures / "nowhere", "There is no folder"), ("sample:texture", "Samples: digits")):
        with pytest.raises(InputError, match=problem):
            tl_core.import_pictures(workspace, source)
    with pytest.raises(InputError, match="A limit is for samples"):
        tl_core.import_pictures(workspace, pictures, limit=10)
    with pytest.raises(KeyboardInterrupt):
        tl_core.import_pictures(workspace, pictures, progress=CtrlC())
    assert workspace.projects() == []
    with pytest.raises(InputError, match="Learning rate is 5"):
        tl_core.Draft(learning_rate=5)
    project = tl_core.import_pictures(workspace, pictures)
    with pytest.raises(InputError, match="resnet50"):
        tl_core.train(project, tl_core.Draft(backbone="resnet5"))
    assert runs.of_project(project) == []
    with pytest.raises(NotFoundError, match="has no pictures yet"):
        tl_core.train(workspace.create_project("Empty"))


def test_a_sample_is_split_as_asked_for(workspace: Workspace):
    project = tl_core.import_pictures(workspace, "sample:digits", limit=40, validation=0.5, test=0)
    assert manifest.load(project).counts()[["train", "validation", "test"]].sum().tolist() == [20, 20, 0]


@pytest.mark.slow
def test_the_examples_tell_one_story(tmp_path: Path):
    names = {"thaw": tl_core, "folder": tmp_path / "work"}
    runner = doctest.DocTestRunner()
    for name in STORY:
        function = getattr(api, name)
        example = doctest.DocTestParser().get_doctest(function.__doc__, names, name, api.__file__, None)
        assert example.examples, name
        failures = io.StringIO()
        runner.run(example, out=failures.write, clear_globs=False)
        assert not failures.getvalue(), failures.getvalue()
        names = example.globs


@pytest.mark.slow
def test_the_journey_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pictures: Path):
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.S)
    (code,) = (each for each in blocks if "import tl_core as thaw" in each)
    assert len([line for line in code.splitlines() if line]) <= 12
    monkeypatch.chdir(tmp_path)
    (tmp_path / "new.jpg").write_bytes(next(pictures.rglob("*.jpg")).read_bytes())
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(code, str(README), "exec"), {})
    assert Workspace.open(tmp_path / "work").projects()
    assert "%" in printed.getvalue()
