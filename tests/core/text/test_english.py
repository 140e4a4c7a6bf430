"""What the network that comes with the app does not read is said of texts for which it is true, and of no others."""

import pytest

from tl_core.networks import bert_weights, text_catalogue
from tl_core.networks.wordpiece import UNKNOWN
from tl_core.text import english

FOREIGN = {
    "Russian": "Где мой заказ?",
    "Hebrew, from right to left": "איפה החבילה שלי?",
    "Arabic": "أين طردي؟",
    "Chinese": "我的包裹在哪里",
    "German": "DAS IST NICHT GUT UND ICH BIN SAUER",
    "Polish": "Gdzie jest moja paczka i kiedy dotrze do mnie?",
    "Turkish": "Paketim nerede ve ne zaman gelecek acaba?",
    "Vietnamese": "Gói hàng của tôi ở đâu và khi nào nó đến?",
    "Hindi, in Latin letters": "Mera card kahan hai yaar, abhi tak nahi aaya",
    "Hinglish": "Bhai mera card kho gaya, please block kar do jaldi",
    "Tagalog": "Salamat po sa mabilis na serbisyo ninyo",
    "Swahili": "Nataka kurudisha bidhaa hii kwa sababu imeharibika",
    "half English": "Hello friend, where is my order? Где мой заказ, друг?",
    "English, then German": "My parcel is late, bitte um Hilfe, das ist nicht gut und ich bin sauer",
}
ENGLISH = {
    "a sentence": "Where is my parcel?",
    "with an emoji": "love it 😍",
    "digits": "+49 30 1234567",
    "code": "for (int i = 0; i < n; i++) { sum += a[i]; }",
    "minified code": "function(e,o){e.y=o;o.e=a(y,e)}",
    "an address": "https://www.example.org/la/de/el",
    "a formula": "E = mc² ∑ x ≤ ∞",
    "laughter": "Ha ha ha good joke, yo yo",
    "slang": "i'm otside nw, il come by tht time",
    "a name": "Siemens Kühlschrank",
    "names": "Please send it to Mrs Wieczorkowski at Kirchheimbolanden, near Kaiserslautern.",
    "a smiley": ":-)",
    "stars": "★★☆",
}
SIGNS = ("😀😀🎉", "🍕", "❤️", "👍🏽 👍🏽", "🎉 !")


@pytest.mark.parametrize("text", FOREIGN.values(), ids=FOREIGN)
def test_other_languages_are_named(text: str):
    assert [each.split(" does")[0] for each in english.remarks([text])] == ["1 text"]
    assert "knows English" in english.remarks([text])[0]


@pytest.mark.parametrize("text", ENGLISH.values(), ids=ENGLISH)
def test_nothing_is_said_of_what_the_network_reads(text: str):
    assert english.remarks([text]) == []


def test_texts_of_emoji_alone_are_named():
    (said,) = english.remarks([*SIGNS, "Great 🎉"])
    assert said.startswith("5 texts have no words, only signs such as emoji.")


def test_that_is_so():
    """To the network each of these is an unknown word; the other signs are in its vocabulary."""
    read = bert_weights.tokenizer(text_catalogue.get(None))
    unknown = read.special[UNKNOWN]
    assert all(unknown in ids for ids in read.encode(SIGNS, 8))
    assert not any(unknown in ids for ids in read.encode([*english._KNOWN_SIGNS, ":-)", "42", "★★☆"], 8))
