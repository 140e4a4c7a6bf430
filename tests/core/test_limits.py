"""What one person may take of a server that several share."""

from pathlib import Path

import pytest

from tests.conftest import write_pictures
from tl_core import jobs, limits
from tl_core.engine import Engine
from tl_core.errors import InputError, StorageError
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.spaces.spaces import Space, Spaces
from tl_core.workspace import Workspace

MB = 2**20


@pytest.fixture
def anna(tmp_path: Path) -> Space:
    return Spaces(tmp_path).add("Anna")[0]


@pytest.fixture(autouse=True)
def uncached(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_used", limits._used.__wrapped__)


@pytest.mark.parametrize("given", ["0", "-1", "much", "nan", "1e99"])
@pytest.mark.parametrize("name", [limits.GB, limits.PICTURES, limits.JOBS, limits.TURN])
def test_what_is_set_must_be_a_number(monkeypatch: pytest.MonkeyPatch, name: str, given: str):
    monkeypatch.setenv(name, given)

    with pytest.raises(InputError, match=f"{name} is “{given}”"):
        limits.current()


def test_the_disk_of_a_person_is_bounded_and_activations_do_not_count(anna: Space, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(limits.GB, str(1 / 1024))
    inside = anna.workspace.projects_folder / "x" / "runs"
    inside.mkdir(parents=True)
    limits.check_disk(inside, MB // 2)
    anna.workspace.cache.mkdir()
    (anna.workspace.cache / "values.bin").write_bytes(bytes(4 * MB))
    limits.check_disk(inside, MB // 2)
    (inside / "model.keras").write_bytes(bytes(MB // 2))

    with pytest.raises(StorageError, match=r"you have 524 kB of 1.0 MB, and this needs 524 kB more"):
        limits.check_disk(inside, MB // 2)
    assert 0 < limits.left(inside) < MB // 2
    alone = Workspace.open(anna.folder.parent.parent)
    limits.check_disk(alone.root, 10**15)
    assert limits.left(alone.root) is None


def test_pictures_are_bounded_before_anything_is_decoded(anna: Space, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(limits.PICTURES, "10")
    source = Source("folder", str(write_pictures(tmp_path / "in", {"apple": 3, "plum": 3})))
    project = anna.workspace.create_project("Fruit")
    importer.import_source(project, source)

    with pytest.raises(InputError, match="more than 10 pictures or texts: you have 6, and 6 would come"):
        importer.import_source(anna.workspace.create_project("Again"), source)
    assert project.held() == 6


def test_one_job_too_many_ends_with_a_sentence_and_an_experiment_counts_once(
    anna: Space, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv(limits.JOBS, "2")
    race = anna.workspace.create_project("Fruit").experiments / "20260101-120000"
    for part in ("a", "b", "c"):
        (race / part).mkdir(parents=True)
        jobs.create(race / part, "race")
    first, second = (jobs.create_in(anna.workspace, "health") for _job in range(2))
    jobs.create_in(anna.workspace, "ahead")

    assert limits.at_once(anna.workspace) == {race, first.folder, second.folder}
    engine = Engine()
    engine.submit(second)
    assert second.state == "failed"
    assert "You have 2 jobs at work or waiting, and may have 2 at once." in second.status().error
    assert engine._client is None
    jobs.set_status(first.folder, state="running")
    with pytest.raises(InputError):
        limits.check_job(second)
    jobs.set_status(first.folder, state="done")
    limits.check_job(second)
