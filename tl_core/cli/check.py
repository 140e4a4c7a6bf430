"""The command that checks the pictures of a project before training."""

import argparse
import sys

from tl_core import wording
from tl_core.cli.output import Show
from tl_core.cli.terminal import Terminal
from tl_core.dataset import kinds, manifest, notes
from tl_core.files import to_json
from tl_core.health import report
from tl_core.workspace import Workspace


def check(options: argparse.Namespace, show: Show) -> None:
    """Check the pictures of a project and show the findings, the worst first."""
    project, terminal = Workspace.open(options.workspace).project(options.project), Terminal(sys.stderr)
    kinds.require_images(project)
    checked = report.check(project, progress=terminal)
    terminal.close()
    alike = notes.alike_notes(manifest.load(project, checked.manifest))
    lines = [f"{wording.pictures(checked.n)} of {wording.classes(checked.classes)} checked."]
    for finding in checked.findings:
        count = f" ({wording.pictures(len(finding.ids))})" if finding.ids else ""
        lines.append(f"{finding.title}{count}: {finding.why}")
    if not checked.findings and not alike:
        lines.append("Nothing stands out.")
    shortcut = [checked.shortcut.sentence] if checked.shortcut and not checked.shortcut.warn else []
    show(to_json(checked) | {"alike": alike}, [*lines, *alike, *shortcut])
