"""What “Find the best for me” finds in some minutes, and how good that is on pictures that nothing has learned from.

    python -m tests.bench.search FOLDER [--minutes 10]

FOLDER holds ``train`` and ``test``, each with a folder of pictures for each class. The search looks at ``train`` alone.
Then the suggested recipe and the default are trained on all of it, and both predict ``test``. Prints one JSON object.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from tl_core import api, jobs, runs
from tl_core.dataset import manifest
from tl_core.draft import Draft
from tl_core.evaluation import everything, sealed_test
from tl_core.experiments import experiment, outcome, search, search_words
from tl_core.freezing import outline
from tl_core.networks import catalogue
from tl_core.progress import Progress
from tl_core.registry import KINDS, load
from tl_core.runs import RunFolder
from tl_core.workspace import Workspace


def tested(run: RunFolder) -> dict[str, float]:
    """Train a run, and return how often it is right on the test pictures and the seconds that it took."""
    began = time.perf_counter()
    jobs.execute(run.folder)
    seconds = time.perf_counter() - began
    accuracy = sealed_test.evaluate(run.folder).accuracy
    assert accuracy is not None, "there are test pictures"
    return {"accuracy": accuracy, "seconds": round(seconds, 1)}


def main() -> None:
    """Search, train, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=search.MINUTES)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    load(KINDS["train"].function)
    with tempfile.TemporaryDirectory() as scratch:
        project = api.import_pictures(Workspace.open(scratch), options.folder.absolute())
        began = time.perf_counter()
        made = search.create(project, minutes=options.minutes, seed=options.seed)
        experiment.execute(made, Progress())
        seconds = time.perf_counter() - began
        for each in outcome.tree(made):
            named = search_words.title(
                each.candidate.recipe, outline.load(project.workspace, each.candidate.recipe.backbone)
            )
            print(f"{each.stage:6} {named}: {search_words.result(each)}", file=sys.stderr, flush=True)
        found = outcome.of_search(made)
        assert found is not None, "it had time enough"
        data = manifest.load(project)
        usual = runs.create(
            project, Draft(seed=options.seed).recipe(data.version, len(data.classes), catalogue.get(None))
        )
        default = tested(usual)
        answer = {
            "benchmark": "search",
            "minutes": options.minutes,
            "search_seconds": round(seconds, 1),
            "said": found.accuracy.accuracy,
            "flattered": found.flattered,
            "gain": [found.gain, *found.gain_interval],
            "default": default,
            "default_on_everything": tested(everything.create(usual)),
            "suggested_on_everything": tested(outcome.train_on_all(made)),
            "suggested": search_words.title(found.recipe, outline.load(project.workspace, found.recipe.backbone)),
        }
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
