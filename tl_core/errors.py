"""What can go wrong in a way that a person can correct."""


class TLError(Exception):
    """The base of every error whose message is written for a person.

    The message says what happened, what was received, and what to do. Anything that is not a ``TLError`` is a bug.
    """


class InputError(TLError):
    """Something that was given cannot be used: a picture, a folder, an archive, an option."""


class NotFoundError(TLError):
    """A project, run, manifest version or file that was asked for is not in the workspace."""


class MissingWeightsError(TLError):
    """Pre-trained weights are not on this machine."""


class OfflineError(TLError):
    """Something had to be downloaded and the network did not answer."""


class StorageError(TLError):
    """The disk is full, or a folder cannot be written."""


class FullDiskError(StorageError):
    """The disk has no room left."""


class DamagedError(StorageError):
    """A file of the workspace is not what it should be; only the thing that it belongs to is harmed."""


class Stopped(TLError):  # noqa: N818 - it ends work that a person stopped; nothing is wrong
    """A person pressed Stop before there was any result."""
