// BERT's tokenizer: a text as the numbers of word pieces. It does what `tl_core/networks/wordpiece.py` does.
"use strict";

const LONGEST_WORD = 100;
const SPACE = /^[\t\n\r\p{Zs}\u2028\u2029]$/u, DROPPED = /^[\p{Cc}\p{Cf}\p{Co}\p{Cs}\ufffd]$/u;
const ACCENT = /^\p{Mn}$/u, PUNCTUATION = /^\p{P}$/u;
const IDEOGRAPHS = [
  [0x3400, 0x4dbf], [0x4e00, 0x9fff], [0xf900, 0xfaff], [0x20000, 0x2a6df], [0x2a700, 0x2ceaf], [0x2f800, 0x2fa1f],
];

/** A vocabulary of word pieces, in the order of their numbers; `lower`: capitals and accents make no difference. */
class WordPieces {
  constructor(vocabulary, lower) {
    this.ids = new Map(vocabulary.map((piece, number) => [piece, number]));
    this.lower = lower;
  }

  /** Return the numbers of the pieces of a text, `[CLS]` and `[SEP]` included, nothing left out. */
  all(text) {
    const written = Array.from(text, (character) => this.written(character)).join("");
    const inside = written.split(" ").filter(Boolean).flatMap((word) => this.pieces(Array.from(word)));
    return [this.ids.get("[CLS]"), ...inside, this.ids.get("[SEP]")];
  }

  /** Return the first pieces of a text as exactly so many numbers, 0 after its end. */
  encode(text, length) {
    const every = this.all(text), row = new Int32Array(length);
    row.set(every.length <= length ? every : [...every.slice(0, length - 1), every.at(-1)]);
    return row;
  }

  /** Return what is written in place of a character: signs and ideographs are words by themselves. */
  written(character) {
    if (SPACE.test(character)) return " ";
    if (DROPPED.test(character)) return "";
    const parts = this.lower ? Array.from(character.normalize("NFD")).filter((part) => !ACCENT.test(part)) : [character];
    const every = parts.flatMap((part) => Array.from(this.lower ? part.toLowerCase() : part));
    return every.map((each) => (isWord(each) ? ` ${each} ` : each)).join("");
  }

  /** Return the pieces of a word, an array of characters: the longest that fits first; one unknown if there are none. */
  pieces(word) {
    const unknown = [this.ids.get("[UNK]")], found = [];
    if (word.length > LONGEST_WORD) return unknown;
    for (let start = 0; start < word.length; ) {
      let end = word.length, id;
      for (; end > start; end--) {
        id = this.ids.get((start ? "##" : "") + word.slice(start, end).join(""));
        if (id !== undefined) break;
      }
      if (end === start) return unknown;
      found.push(id);
      start = end;
    }
    return found;
  }
}

/** Return whether a character is a word by itself: punctuation, all of ASCII's signs among it, or an ideograph. */
function isWord(character) {
  const code = character.codePointAt(0);
  if (code < 128) return !/[0-9A-Za-z]/.test(character);
  return IDEOGRAPHS.some(([first, last]) => first <= code && code <= last) || PUNCTUATION.test(character);
}
