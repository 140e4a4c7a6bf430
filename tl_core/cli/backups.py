"""The commands ``backup`` and ``restore``: a whole workspace as one zip, and back."""

import argparse
import os
import sys

from tl_core.cli.output import Show
from tl_core.cli.terminal import Terminal
from tl_core.paths import existing, target_file, typed
from tl_core.travel import backup as backups
from tl_core.travel import restoring
from tl_core.wording import plural, size
from tl_core.workspace import DEFAULT_ROOT, Workspace


def add_backup_options(command: argparse.ArgumentParser) -> None:
    """Add what ``backup`` takes."""
    command.add_argument(
        "--with-activations", action="store_true", help="the stored activations, too; else they are computed again"
    )


def backup(options: argparse.Namespace, show: Show) -> None:
    """Copy a workspace into one zip, while it is in use."""
    workspace, target = Workspace.open(options.workspace), target_file(options.file)
    terminal = Terminal(sys.stderr)
    try:
        record = backups.write(workspace, target, terminal, activations=options.with_activations)
    finally:
        terminal.close()
    lines = [f"{target} ({size(target.stat().st_size)})", backups.sentence(record)]
    if record.interrupted:
        kept = plural(record.interrupted, "run", "runs")
        lines.append(f"In progress, kept as far as they had come: {kept}.")
    show(_about(record) | {"path": str(target), "bytes": target.stat().st_size}, lines)


def restore(options: argparse.Namespace, show: Show) -> None:
    """Make a workspace from a backup, in a folder that is new or empty."""
    root = typed(str(options.workspace or os.environ.get("TL_WORKSPACE") or DEFAULT_ROOT))
    terminal = Terminal(sys.stderr)
    try:
        record = restoring.restore(existing(options.file), root, terminal)
    finally:
        terminal.close()
    show(_about(record) | {"workspace": str(root)}, [str(root), backups.sentence(record)])


def _about(record: backups.Record) -> dict[str, object]:
    return {
        "projects": record.projects,
        "files": len(record.files),
        "interrupted": record.interrupted,
        "activations": record.activations,
    }
