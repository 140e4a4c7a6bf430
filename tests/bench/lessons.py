"""What the lessons come to on this machine: every figure of every part, and the seconds that a part takes.

    python -m tests.bench.lessons [LESSON/PART ...] [--scratch DIR]

Without a name all parts run. ``seconds`` in ``assets/lessons`` are measured so.
"""

import argparse
import tempfile
from pathlib import Path

from tl_core.wording import interval, percent


def measure(workspace_root: Path, name: str) -> None:
    """Run a part of a lesson and print its figures."""
    from tl_core import jobs
    from tl_core.lessons import lesson, record
    from tl_core.workspace import Workspace

    workspace, (of, part) = Workspace.open(workspace_root), name.split("/")
    args = {"workspace": str(workspace.root), "lesson": of, "part": part}
    jobs.execute(jobs.create_in(workspace, "lesson", **args).folder, jobs.this_process())
    result = record.result(workspace, lesson.get(of), lesson.get(of).round(part))
    assert result is not None, "the job has ended"
    print(f"{name}: {result.seconds:.0f} s", flush=True)
    for each in result.figures:
        share = percent(each.share.accuracy or 0, each.share.n)
        print(f"  {each.name}: {share} of {each.share.n} ({interval(*each.share.interval)}), {each.seconds:.0f} s")


def main() -> None:
    """Read the command line and measure."""
    from tl_core.lessons import lesson

    every = [f"{of.id}/{part.id}" for of in lesson.all_lessons() for part in of.rounds]
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("parts", nargs="*", help="parts of lessons; all without any")
    parser.add_argument("--scratch", type=Path, help="where the workspace goes; a temporary folder by default")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for name in options.parts or every:
            measure(options.scratch or Path(folder), name)


if __name__ == "__main__":
    main()
