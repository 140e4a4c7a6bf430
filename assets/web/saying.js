// What every page says of its model and of itself.
"use strict";

const part = (id) => document.getElementById(id);
let spoken = "";

const shares = new Intl.NumberFormat(document.documentElement.lang, { style: "percent" });

/** Return a probability in whole per cent; what is not certain does not read as certain. */
function percent(probability) {
  if (probability > 0 && probability < 0.005) return `<${shares.format(0.01)}`;
  return probability >= 0.995 && probability < 1 ? `>${shares.format(0.99)}` : shares.format(Math.round(100 * probability) / 100);
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

/** Fill in what is said of the model. */
function introduce() {
  part("title").textContent = about.title;
  part("sentence").textContent = about.sentence;
  part("sentence").hidden = !about.sentence;
  part("accuracy").textContent = about.accuracy;
  part("facts").replaceChildren(...about.facts.map((fact) => element("li", "", fact)));
}

function say(text, problem = false) {
  part("status").textContent = text;
  part("status").hidden = !text;
  part("status").classList.toggle("problem", problem);
  if (problem) speak(text);
}

/** Let a screen reader say something, once. */
function speak(text) {
  if (text === spoken) return;
  spoken = text;
  part("spoken").textContent = text;
}

/** Do what a person asked for; what goes wrong then is said. */
function doing(task) {
  task.catch((problem) => say(said("failed", { problem: problem.message }), true));
}
