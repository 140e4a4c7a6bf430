"""The command line: ``python -m tl_core train FOLDER`` and the rest, on the core that the app runs on.

Exit codes: 0; 2 for what a person can fix (message on stderr); 1 for a bug; 130 if stopped before anything was saved.
"""

import argparse
import contextvars
import os
import pkgutil
import sys
import warnings
from dataclasses import dataclass, field
from typing import Any

from tl_core.cli.output import stdout_for
from tl_core.errors import Stopped, TLError
from tl_core.files import be_private


@dataclass(frozen=True)
class Command:
    """A command.

    Attributes:
        name: as typed.
        run: ``"module:function"`` in this package, called with the parsed options and with what prints the answer. A
            name, so that only the module of the command that was typed is loaded.
        help: one line; README's list of commands says the same.
        arguments: names of the arguments that have no dashes, and how ``--help`` shows each; one that ends in "…" may
            be given several times.
        options: ``"module:function"``, adds further options; ``""`` for none.
    """

    name: str
    run: str
    help: str
    arguments: dict[str, str] = field(default_factory=dict)
    options: str = ""


#: What each argument is, by the name that ``--help`` gives it.
ARGUMENTS = {
    "RUN": "PROJECT/RUN as `runs` lists it; the part after the slash is enough where only one run has it",
    "PICTURE": "path of a picture file or of a folder of them; of a run on texts a text, a file of lines, a "
    "table, or - for the lines of the standard input",
    "PROJECT": "the part of a run before the slash, as `runs` lists it",
    "FILE": "the zip of a whole workspace; `backup` replaces one that is there",
    "ID": "as `backbones` lists it",
}
#: A new command is a function and a row here, and a line in the README.
COMMANDS = (
    Command(
        "import",
        "importing:import_command",
        "import pictures (a folder or zip), texts (a table or folder) or an exported project; or see how they are read",
        options="importing:add_options",
    ),
    Command("train", "train:train", "import pictures or texts, and train on them", options="train:add_options"),
    Command("resume", "train:resume", "resume a run that was interrupted or stopped", {"run": "RUN"}),
    Command(
        "retrain",
        "train:retrain",
        "train a finished run once more, on all of its pictures",
        {"run": "RUN"},
        options="train:add_retrain_options",
    ),
    Command("runs", "listings:list_runs", "list the runs, and how far the best one can be believed"),
    Command(
        "annotate",
        "listings:annotate",
        "give a run a name, a note or a star",
        {"run": "RUN"},
        options="listings:add_annotate_options",
    ),
    Command(
        "predict",
        "runs:predict",
        "predict the classes of pictures, or of texts",
        {"run": "RUN", "pictures": "PICTURE…"},
        options="runs:add_predict_options",
    ),
    Command("evaluate", "runs:evaluate", "open the sealed test pictures; how often is counted", {"run": "RUN"}),
    Command(
        "remeasure",
        "search:run_remeasure",
        "measure a run again, on training pictures that had no say in its choice",
        {"run": "RUN"},
    ),
    Command("crossval", "runs:crossvalidate", "cross-validate the head; test pictures stay sealed", {"run": "RUN"}),
    Command(
        "mistakes",
        "mistakes:show_mistakes",
        "list the mistakes of a run, and labels to check",
        {"run": "RUN"},
        options="travelling:add_mistakes_options",
    ),
    Command(
        "predictions",
        "travelling:predictions",
        "export the predictions for a split as CSV",
        {"run": "RUN"},
        options="travelling:add_predictions_options",
    ),
    Command("compare", "runs:compare", "compare two runs on the same pictures", {"old": "RUN", "new": "RUN"}),
    Command(
        "race",
        "experiments:run_race",
        "train from scratch, frozen and fine-tuned on the same pictures, and compare",
        {"project": "PROJECT"},
        options="experiments:add_race_options",
    ),
    Command(
        "shootout",
        "experiments:run_shootout",
        "compare networks on the pictures of a project; test pictures stay sealed",
        {"project": "PROJECT"},
        options="experiments:add_shootout_options",
    ),
    Command(
        "learning-curve",
        "experiments:run_curve",
        "measure what more pictures would bring; test pictures stay sealed",
        {"project": "PROJECT"},
        options="experiments:add_curve_options",
    ),
    Command(
        "search",
        "search:run_search",
        "try networks, freeze lines, heads and augmentations within a budget, and suggest the best",
        {"project": "PROJECT"},
        options="search:add_search_options",
    ),
    Command(
        "export",
        "export:export",
        "export the model of a run: make the file, prove it, bundle it",
        {"run": "RUN"},
        options="export:add_options",
    ),
    Command(
        "pack",
        "travelling:pack_command",
        "export a project as one zip, which `import` opens on another machine",
        {"project": "PROJECT"},
        options="travelling:add_pack_options",
    ),
    Command(
        "dataset",
        "travelling:dataset",
        "export the pictures of a project as split/class folders, or their list as CSV",
        {"project": "PROJECT"},
        options="travelling:add_dataset_options",
    ),
    Command(
        "backup",
        "backups:backup",
        "copy a whole workspace into one zip, while it is in use",
        {"file": "FILE"},
        options="backups:add_backup_options",
    ),
    Command("restore", "backups:restore", "make a workspace from a backup, in a new or empty folder", {"file": "FILE"}),
    Command(
        "people",
        "people:people",
        "list the people who share a workspace, as a room or a server, or remove one of them",
        options="people:add_options",
    ),
    Command("check", "check:check", "check the pictures of a project", {"project": "PROJECT"}),
    Command("backbones", "listings:backbones", "list the networks, and whether their weights are here"),
    Command("blocks", "listings:blocks", "list the blocks of a network: what --freeze takes", {"backbone": "ID"}),
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code; what it speaks of is its own."""
    given = sys.argv[1:] if arguments is None else arguments
    return contextvars.copy_context().run(_run, parser(*given[:1]).parse_args(given))


def _run(options: argparse.Namespace) -> int:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    be_private()
    try:
        with warnings.catch_warnings(), stdout_for(options.json) as show:
            # What Pillow says of a file is for programmers: a file that cannot be used has its own sentence.
            warnings.filterwarnings("ignore", module=r"PIL\.")
            options.command(options, show)
    except (Stopped, KeyboardInterrupt) as exc:
        print(str(exc) or "Interrupted. Existing data is unchanged.", file=sys.stderr)
        return 130
    except TLError as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 2
    return 0


def parser(*typed: str) -> argparse.ArgumentParser:
    """Return the parser of the command line.

    Args:
        typed: names of the commands that take their options; without any all do. The others can only be listed.

    It is argparse's: part of Python, and with the table above click or typer would save no line.
    """
    root = argparse.ArgumentParser(prog="python -m tl_core", description="Transfer learning for folders of pictures.")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--workspace", metavar="DIR", help="folder that holds everything (default: $TL_WORKSPACE or ~/.thaw)"
    )
    shared.add_argument("--json", action="store_true", help="print one JSON object on stdout, all else on stderr")
    commands = root.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for command in COMMANDS:
        made = commands.add_parser(command.name, parents=[shared], help=command.help, description=command.help)
        if typed and command.name not in typed:
            continue
        made.set_defaults(command=_named(command.run))
        for name, shown in command.arguments.items():
            metavar = shown.removesuffix("…")
            nargs = "+" if metavar != shown else None
            made.add_argument(name, metavar=metavar, nargs=nargs, help=ARGUMENTS[metavar])
        if command.options:
            _named(command.options)(made)
    return root


def _named(function: str) -> Any:
    return pkgutil.resolve_name(f"{__package__}.{function}")
