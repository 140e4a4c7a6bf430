"""The texts are whole, the sets are what they say, a guess is compared fairly, and a round runs for real."""

import itertools
import re
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from pages import steps
from tests.conftest import share_weights
from tests.test_style import UNWANTED, long_sentences
from tl_core import jobs, runs
from tl_core.accuracy import Accuracy
from tl_core.dataset import manifest
from tl_core.lessons import drawing, faces, projects, record, sets, verdict
from tl_core.lessons import lesson as lessons
from tl_core.lessons.lesson import Guess
from tl_core.lessons.record import Figure, Result
from tl_core.metrics import intervals
from tl_core.progress import Progress

ROUNDS = [pytest.param(of, each, id=f"{of.id}-{each.id}") for of in lessons.all_lessons() for each in of.rounds]
#: Three of them are made in every run of the tests.
SETS = [pytest.param(each, id=each.id, marks=pytest.mark.slow if at >= 3 else []) for at, each in enumerate(sets.SETS)]


@pytest.mark.parametrize("of", lessons.all_lessons(), ids=lambda of: of.id)
def test_a_lesson_says_what_it_is_about_and_how_long_it_takes(of):
    assert (lessons.ASSETS / f"{of.id}.toml").is_file()
    assert all((of.title, of.icon, of.lead, of.aims, of.discuss, of.rounds))
    assert of.minutes <= 10
    assert sum(each.seconds for each in of.rounds) <= 60 * of.minutes / 3, "most of the time is for people"
    assert len({each.id for each in of.rounds}) == len(of.rounds)


@pytest.mark.parametrize(("of", "part"), ROUNDS)
def test_a_round_has_all_of_its_parts_and_they_fit_together(of, part):
    assert all((part.title, part.predict, part.guesses, part.do, part.look, part.links, part.explain, part.likely))
    assert part.seconds > 0, "measured"
    assert sets.get(part.set)
    assert {trial.of for trial in part.trials} <= {"", *(each.id for each in sets.SETS)}
    for trial in part.trials:
        trial.draft.recipe(1, 2, type("Row", (), {"id": "efficientnet-lite0", "default_size": 224}))
    for guess in part.guesses:
        assert guess.of in part.figures if guess.kind == "share" else set(part.options(guess)) <= set(part.figures)
    for link in part.links:
        assert link.step in {step.key for step in steps.PAGES}
        assert not link.of or link.of in part.figures


@pytest.mark.parametrize(("of", "part"), ROUNDS)
def test_its_sentences_are_short_and_plain(of, part):
    said = (part.predict, part.do, part.look, part.explain, part.likely, of.lead, *of.aims, *of.discuss)
    for words in itertools.chain(said, (guess.ask for guess in part.guesses)):
        flat = [" ".join(each.split()) for each in re.split(r"\n\s*\n|\n\* ", words)]
        assert [found for each in flat for found in long_sentences(each)] == []
        assert UNWANTED.findall(words) == []


@pytest.mark.parametrize("chosen", SETS)
def test_a_set_is_always_the_same_and_has_every_class_in_every_split(chosen):
    first, again = list(chosen.make()), list(chosen.make())
    labels = {made.label for made in first}

    assert all(np.array_equal(one.pixels, other.pixels) for one, other in zip(first, again, strict=True))
    assert {made.pixels.dtype for made in first} == {np.dtype(np.uint8)}
    for split in {made.split for made in first}:
        assert {made.label for made in first if made.split == split} == labels
    assert {"train", "validation"} <= {made.split for made in first}


def test_frames_are_swapped_in_the_test_alone_and_cut_off_in_the_other_set():
    frames = Counter((made.split, made.label, int(made.pixels[0, 0])) for made in faces.framed_faces())

    assert frames["train", "face", 20] == frames["train", "something else", 235] == 30
    assert frames["test", "face", 235] == frames["test", "something else", 20] == 50
    assert not {20, 235} & {int(made.pixels[0].min()) for made in faces.unframed_faces() if made.pixels[0].std() == 0}


def test_a_set_becomes_a_project_once_and_a_smaller_version_of_it_leaves_the_current_one(workspace, tmp_path):
    made = projects.prepare(workspace, "piles", tmp_path / "pictures", Progress())
    number = projects.limited(made, 5)

    assert projects.prepare(workspace, "piles", tmp_path / "pictures", Progress()) == made
    assert projects.limited(made, 5) == number != made.about().manifest
    counts = manifest.load(made, number).counts()
    assert counts["train"].tolist() == [5, 5]
    assert counts["validation"].tolist() == manifest.load(made).counts()["validation"].tolist()
    assert not (tmp_path / "pictures").exists()


def figure(name, right, n=100, asked="set/validation"):
    hits = np.arange(n) < right
    rest = {"asked": asked, "right": tuple(hits.astype(int).tolist()), "groups": tuple(range(n))}
    return Figure(name=name, share=intervals.share(hits, None), **(rest if asked else {}))


WHICH, SHARE = Guess(id="w", ask="Which?"), Guess(id="s", ask="How many?", kind="share", of="Frozen")


def test_a_share_is_compared_with_the_interval_not_with_the_figure():
    measured = Result(figures=(figure("Frozen", 90),))

    near, far = (verdict.of(SHARE, answer, measured) for answer in (86, 60))
    assert near.held
    assert "inside" in near.words
    assert not far.held
    assert "you said 60%" in far.words
    assert "below" in far.words
    assert verdict.of(SHARE, 60, Result(figures=(figure("Thawed", 9),))) is None


def test_what_chance_explains_is_not_called_wrong():
    measured = Result(figures=(figure("Frozen", 90), figure("Thawed", 92), figure("Scratch", 50)))

    best, equal, worse = (verdict.of(WHICH, name, measured) for name in ("Thawed", "Frozen", "Scratch"))
    assert best.held
    assert "“Frozen”" in best.words
    assert "“Scratch”" not in best.words
    assert equal.held is None
    assert "your guess stands" in equal.words
    assert worse.held is False
    assert "p < 0.001" in worse.words


def test_only_what_was_offered_is_compared():
    measured = Result(figures=(figure("Learned", 100), figure("Frozen", 90), figure("Thawed", 50)))

    offered = Guess(id="w", ask="Which?", options=("Frozen", "Thawed"))
    assert verdict.of(offered, "Frozen", measured).held


def test_figures_of_other_pictures_are_compared_by_their_intervals():
    measured = Result(
        figures=(figure("Early", 30, asked=""), figure("Middle", 80, asked=""), figure("Late", 82, asked=""))
    )

    assert verdict.of(WHICH, "Middle", measured).held is None
    assert verdict.of(WHICH, "Early", measured).held is False


def test_guess_and_figures_are_kept_and_forgotten_together(workspace):
    of = lessons.get("freeze")
    part = of.rounds[0]
    assert record.guessed(workspace, of, part) is None

    record.guess(workspace, of, part, {"winner": "Frozen", "frozen": 70})
    record.save(workspace, of, part, Result(figures=(figure("Frozen", 90),), done=True))
    assert record.guessed(workspace, of, part).answers == {"winner": "Frozen", "frozen": 70}
    assert record.done(workspace, of) == 1
    record.forget(workspace, of, part)
    assert record.guessed(workspace, of, part) is None
    assert record.done(workspace, of) == 0


@pytest.mark.slow
def test_a_leak_flatters_and_a_stopped_round_goes_on_with_what_it_has(workspace):
    share_weights(workspace)
    of = lessons.get("fooled")
    part = of.round("leak")
    known = Figure(name=part.figures[0], share=Accuracy(accuracy=0.5, n=2, interval=(0.1, 0.9)))
    record.save(workspace, of, part, Result(figures=(known,)))
    job = jobs.create_in(workspace, "lesson", workspace=str(workspace.root), lesson=of.id, part=part.id)
    jobs.execute(job.folder, jobs.this_process())

    measured = record.result(workspace, of, part)
    assert measured.done
    assert tuple(each.name for each in measured.figures) == part.figures
    assert measured.figures[0] == known, "what was there is not measured again"
    high = measured.figure("With copies: test pictures").share
    assert high.interval[0] < 0.5 < high.interval[1]
    run = runs.find(workspace, measured.figures[1].run)
    assert run.name == "With copies"
    with Image.open(next(run.project.images.glob("*/*"))) as picture:
        assert picture.size == (drawing.SIDE, drawing.SIDE)
