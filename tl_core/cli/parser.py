"""The command line: ``python -m tl_core train FOLDER`` and the rest, on the core that the app runs on.

Exit codes: 0, 2 for what the person can mend (message on stderr), 1 for a bug, 130 for a stop before anything was kept.
"""

import argparse
import os
import sys
from collections.abc import Callable

from tl_core.cli import listings, runs, train
from tl_core.cli.output import stdout_for
from tl_core.errors import Stopped, TLError


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = parser().parse_args(arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        with stdout_for(options.json) as show:
            options.command(options, show)
    except (Stopped, KeyboardInterrupt) as exc:
        print(str(exc) or "Interrupted; what was there before is unchanged.", file=sys.stderr)
        return 130
    except TLError as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 2
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    root = argparse.ArgumentParser(prog="python -m tl_core", description="Transfer learning for folders of pictures.")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--workspace", metavar="DIR", help="where everything is kept (default: $TL_WORKSPACE or ~/.thaw)"
    )
    shared.add_argument("--json", action="store_true", help="print one JSON object on stdout, all else on stderr")
    commands = root.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, function: Callable[..., None], text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, parents=[shared], help=text, description=text)
        made.set_defaults(command=function)
        return made

    train.add_options(command("train", train.train, "bring in a folder of pictures and train on it"))
    made = command("predict", runs.predict, "say what is on pictures")
    made.add_argument("run", metavar="RUN")
    made.add_argument("pictures", metavar="PICTURE", nargs="+")
    made = command("evaluate", runs.evaluate, "open the sealed test part of a run")
    made.add_argument("run", metavar="RUN")
    made = command("crossval", runs.crossvalidate, "cross-validate the head of a run")
    made.add_argument("run", metavar="RUN")
    made = command("mistakes", runs.show_mistakes, "list what a run gets wrong, and labels that may be wrong")
    made.add_argument("run", metavar="RUN")
    made = command("compare", runs.compare, "compare two runs on the same pictures")
    made.add_argument("old", metavar="RUN")
    made.add_argument("new", metavar="RUN")
    made = command("check", listings.check, "look for what is wrong with the pictures of a project")
    made.add_argument("project", metavar="PROJECT")
    command("backbones", listings.backbones, "list the networks")
    made = command("blocks", listings.blocks, "list the blocks of a network: what --freeze takes")
    made.add_argument("backbone", metavar="ID", help="see `backbones`")
    command("runs", listings.list_runs, "list the runs")
    made = command("resume", train.resume, "go on with a run that was interrupted or stopped")
    made.add_argument("run", metavar="RUN")
    return root
