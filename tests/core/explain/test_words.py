"""Which words of a text an answer depends on: how they are told apart and left out, and what a real network says."""

import numpy as np
import pytest

from tests.conftest import Once
from tests.core.networks import bert_files
from tests.shop import trained
from tl_core import api
from tl_core.dataset import manifest
from tl_core.errors import InputError
from tl_core.evaluation import predict, predictions
from tl_core.explain import neighbours, text_service, words
from tl_core.explain.words import Word, Words
from tl_core.networks import bert_weights, text_catalogue
from tl_core.runs import RunFolder
from tl_core.workspace import Workspace


def parts(text, length=512):
    """Return the words of a text as a person sees them."""
    pieces = bert_weights.tokenizer(text_catalogue.get(None)).words(text, length)[1:-1]
    return [text[pieces[word[0]][0] : pieces[word[-1]][1]] for word in words.joined(text, pieces)]


def test_words_are_those_that_a_person_sees():
    said = "Don't pay $1,000 at 12:30!!! Unbelievably naïve… it’s 'quoted'"
    assert parts(said) == [
        *("Don't", "pay", "$", "1,000", "at", "12:30", "!!!"),
        *("Unbelievably", "naïve", "…", "it’s", "'", "quoted", "'"),
    ]
    assert parts("你好 world") == ["你", "好", "world"]
    assert parts("!" * 300) == ["!" * 300]


def test_long_texts_are_covered_in_bounded_work():
    for read in (1, 30, 128, 300, 510):
        at_a_time = words.together(read, read + 2)
        versions = -(-read // at_a_time)
        assert versions <= words.MOST_VERSIONS
        assert versions * (read + 2) <= words.MOST_PIECES


def test_words_without_weight_are_not_named():
    word = Word(start=0, end=2, left_out=0.01, probability=0.9, gradient=0.0)
    shown = Words(text="So", label="a", probabilities={"a": 0.9}, words=(word,), whole=3, together=1)
    assert shown.strongest() == []
    assert shown.scaled("left_out") == shown.scaled("gradient") == [0.0]
    assert shown.sentences() == [
        "“a” has 90%. No single word matters much to it.",
        "The network reads the first 1 of 3 words. The rest has no say.",
    ]


@pytest.fixture(scope="module")
def run(once: Once, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A head on the small network, on questions, complaints and praise."""
    return trained(once, tmp_path_factory.mktemp("words"))


def test_what_words_say_agrees_with_what_is_predicted_without_them(run):
    text = "Thank you so much, the parcel arrived early!\u200b"
    shown = text_service.why_words(run.folder, text)
    (answer,) = predict.predict(run.folder, [text])
    assert shown.label == answer.classes[0].label == "praise"
    assert shown.probability == pytest.approx(answer.classes[0].probability, abs=1e-5)
    assert shown.probabilities.keys() == set(run.classes)
    assert [shown.of(word) for word in shown.words][-2:] == ["early", "!"]
    assert (shown.whole, shown.together) == (len(shown.words), 1)
    best = shown.strongest(1)[0]
    (without,) = predict.predict(run.folder, [shown.text[: best.start] + shown.text[best.end :]])
    left = {each.label: each.probability for each in without.classes}["praise"]
    assert best.probability == pytest.approx(left, abs=1e-4)
    assert best.probability < shown.probability
    assert max(map(abs, shown.scaled("left_out"))) == max(map(abs, shown.scaled("gradient"))) == 1


def test_a_text_is_most_like_itself_among_those_that_were_learned(run):
    among = predictions.load(run, "train")
    texts = manifest.of_run(run).split("train").set_index("id")["text"]
    for id_ in among.ids[:3]:
        nearest, *_ = neighbours.nearest(among, predict.features_of(run.folder, texts[id_]), 2)
        assert nearest.id == id_
        assert nearest.similarity == pytest.approx(1, abs=1e-3)


def test_gradients_add_up_to_what_the_text_changes(run):
    """Integrated gradients are complete: their sum is the log-odds of the text less those without any vectors."""
    shown = text_service.why_words(run.folder, "Where is my parcel?", "question")
    against = text_service.why_words(run.folder, "Where is my parcel?", "praise")
    assert shown.probabilities == pytest.approx(against.probabilities)
    assert sum(word.gradient for word in shown.words) > sum(word.gradient for word in against.words)


def test_of_a_very_long_text_only_what_is_read_is_looked_at(run):
    shown = text_service.why_words(run.folder, "Where is my parcel? " * 12_500)
    assert shown.whole == 62_500
    assert len(shown.words) <= run.recipe.image_size
    assert shown.text[: shown.read].count("parcel") == shown.read // 20 + (shown.read % 20 >= 18)
    assert "of 62,500 words. The rest has no say." in shown.sentences()[-1]


def test_no_text_and_no_such_class_are_refused(run):
    with pytest.raises(InputError, match="There is no text"):
        text_service.why_words(run.folder, " \n\u200b")
    with pytest.raises(InputError, match="This model has no class “spam”"):
        text_service.why_words(run.folder, "Hello", "spam")


@pytest.mark.parametrize("config", [bert_files.BERT, bert_files.DISTILBERT], ids=lambda config: config.type)
@pytest.mark.slow
def test_networks_from_folders_are_looked_into_as_well(tmp_path, config):
    network = bert_files.write(tmp_path / "net", config)
    (tmp_path / "t.csv").write_text("text,label\n" + "".join(f"{a}b{c},{a}\n" for a in "ad" for c in "abcdefghij"))
    project, _report = api.import_texts(Workspace.open(tmp_path / "work"), tmp_path / "t.csv")
    run = api.train(project, api.Draft(backbone=f"local:{network}", image_size=16, epochs=1))
    shown = text_service.why_words(run.folder, "ab cd, ef")
    assert [shown.of(word) for word in shown.words] == ["ab", "cd", ",", "ef"]
    assert np.isfinite([[word.left_out, word.gradient, word.probability] for word in shown.words]).all()
