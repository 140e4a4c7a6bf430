"""The list of words: short enough to be read, and every way out of it leads somewhere."""

import re

import pytest

from pages import steps
from tests.test_style import UNWANTED, long_sentences
from tl_core.errors import InputError
from tl_core.lessons import glossary, lesson, sheets

LIST = glossary.load()
STEPS = {step.key for step in steps.PAGES}


def test_there_are_few_words_each_once():
    assert len(LIST.words) <= glossary.MOST
    assert len({each.id for each in LIST.words}) == len(LIST.words)
    forms = [form for each in LIST.words for form in each.forms]
    assert len(set(forms)) == len(forms)
    assert all(form == form.lower() for form in forms)


@pytest.mark.parametrize("word", LIST.words, ids=lambda word: word.id)
def test_a_word_has_two_short_sentences_and_leads_into_the_app(word):
    assert len(re.findall(r"[.!?](?:\s|$)", word.text)) == 2
    assert not long_sentences(word.text)
    assert not UNWANTED.findall(word.text)
    assert word.step in STEPS
    assert lesson.get(word.lesson)


def test_every_page_but_learn_says_what_it_is():
    assert {each.step for each in LIST.pages} == STEPS - {"learn"}
    for each in LIST.pages:
        assert lesson.get(each.lesson)
        assert all(LIST.word(id_) for id_ in each.words)


def test_a_word_that_is_not_there_is_named():
    with pytest.raises(InputError, match="no word “nonsense”"):
        LIST.word("nonsense")


@pytest.mark.parametrize("of", lesson.all_lessons(), ids=lambda of: of.id)
def test_a_sheet_holds_every_question_and_asks_nobody_for_anything(of):
    text = sheets.sheet(of).decode()

    assert all(part.title in text for part in of.rounds)
    assert text.count("My guess:") == sum(guess.kind == "share" for part in of.rounds for guess in part.guesses)
    assert not re.findall(r'(?:src|href)="(?!data:)', text)
    assert "**" not in text
