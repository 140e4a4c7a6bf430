"""A person is removed: the sessions end, the jobs stop, and all that the person has made is deleted, for good."""

from tl_core import jobs, log, storage
from tl_core.errors import StorageError, TLError
from tl_core.language import _
from tl_core.spaces.spaces import Space, Spaces


def remove(spaces: Spaces, space: Space) -> int:
    """Remove a person, and return how many bytes that has freed.

    Raises:
        TLError: a job does not stop, so nothing was deleted; the sessions have ended.
        StorageError: something could not be deleted.
    """
    name, freed = space.person().name, storage.size(space.folder)
    spaces.end_of(space)
    if not jobs.stop_all([space.workspace]):
        text = _("A job of {name} does not stop. Nothing was deleted: restart the server and try again.")
        raise TLError(text.format(name=name))
    spaces.remove([space])
    if space.folder.exists():
        text = _("Some of {folder} could not be deleted. Close what has a file of it open, and try again.")
        raise StorageError(text.format(folder=space.folder))
    log.event("removed", space=space.id)
    return freed
