// What a person sees and does with texts, and how the model takes them.
"use strict";

/** How long nothing is typed before an answer, in milliseconds. */
const PAUSE = 400;
let pieces = null, turn = 0, waiting = null;

/** Return a text without a word as the model takes it. */
async function blank() {
  const lines = new TextDecoder().decode(await unpacked("vocabulary")).replace(/\n$/, "").split("\n");
  pieces = new WordPieces(lines.map((line) => line.replace(/\r$/, "")), about.lower);
  return tensorOf("");
}

function tensorOf(text) {
  return tf.tensor(pieces.encode(text, about.size), [1, about.size], "int32");
}

/** Return a text as the model takes it. */
async function taken(text) {
  return () => tensorOf(text);
}

/** Answer for what is typed, unless more is typed meanwhile. */
async function ask() {
  const mine = turn, text = part("text").value;
  if (!text.trim()) return say(said(thaw.seconds === null ? "waiting" : "ready"));
  await thaw.ready;
  if (mine !== turn) return null;
  const result = await thaw.predict(text);
  if (mine !== turn) return null;
  part("cut").hidden = pieces.all(text).length <= about.size;
  part("cut").textContent = said("cut", { number: about.size });
  showResult(result);
  return speak(inShort(result));
}

introduce();
part("text").oninput = () => {
  turn++;
  part("cut").hidden = true;
  clearResult();
  say(said("waiting"));
  clearTimeout(waiting);
  waiting = setTimeout(() => doing(ask()), PAUSE);
};
thaw.ready.then(
  () => turn || say(said("ready")),
  (problem) => say(said("not_started", { problem: problem.message }), true),
);
