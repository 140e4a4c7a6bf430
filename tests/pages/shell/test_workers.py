"""What a server does beside drawing pages."""

import gc

import pytest

from pages._ui.shell import workers

MANY = 1000


def test_the_collector_is_spared_what_is_imported_and_nothing_that_comes_later(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(workers, "_serving", True)
    monkeypatch.setattr(workers, "_imported", 0)
    imported = [[] for _ in range(MANY)]
    before = gc.get_freeze_count()
    workers.spare_imports()
    spared = gc.get_freeze_count()
    later = [[] for _ in range(MANY)]
    workers.spare_imports()
    assert spared >= before + len(imported)
    assert gc.get_freeze_count() < spared + len(later)
