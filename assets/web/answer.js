// What a person sees of an answer, on every page.
"use strict";

const part = (id) => document.getElementById(id);
/** Whether an example may have several classes, or none: then they are tags, each with a threshold. */
const several = about.thresholds.length > 0;
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

/** Return the numbers of the classes that are the answer: the likeliest; of tags all that reach their thresholds. */
function named(result) {
  const chances = result.probabilities;
  if (!several) return [chances.indexOf(Math.max(...chances))];
  return chances.map((_, at) => at).filter((at) => chances[at] >= about.thresholds[at]);
}

function nameOf(result) {
  if (result.refused) return said("none");
  return named(result).map((at) => about.classes[at]).join(", ") || said("no_tag");
}

function inShort(result) {
  return result.refused || several ? nameOf(result) : `${nameOf(result)}, ${percent(Math.max(...result.probabilities))}`;
}

function showResult(result) {
  const order = result.probabilities.map((_, at) => at), answer = named(result);
  const fits = several && order.length <= about.bars;  // then each tag keeps its place
  if (!fits) order.sort((a, b) => result.probabilities[b] - result.probabilities[a]);
  part("answer").textContent = nameOf(result);
  part("answer").classList.toggle("none", result.refused || !answer.length);
  part("reason").textContent = said("unlike");
  part("reason").hidden = !result.refused;
  part("bars").classList.toggle("refused", result.refused);
  part("bars").classList.toggle("several", several);
  part("bars").replaceChildren(...order.slice(0, about.bars).map((at) => bar(at, result.probabilities[at], answer.includes(at))));
  if (order.length > about.bars) part("bars").append(element("li", "", said("more")));
  part("took").textContent = said("took", { number: Math.round(result.milliseconds) });
  say("");
}

function bar(at, probability, isNamed) {
  const row = element("li", isNamed ? "named" : ""), line = element("div", "line");
  const track = element("div", "track"), filled = element("div", "bar");
  const label = element("span", "name", about.classes[at]);
  label.dir = "auto";
  const share = several ? said("given_from", { share: percent(probability), least: percent(about.thresholds[at]) }) : percent(probability);
  line.append(label, element("span", "share", share));
  filled.style.width = `${100 * probability}%`;
  track.append(filled);
  if (several) {
    const mark = element("div", "mark");
    mark.style.insetInlineStart = `${100 * about.thresholds[at]}%`;
    track.append(mark);
  }
  row.append(line, track);
  return row;
}

function clearResult() {
  part("answer").textContent = part("took").textContent = "";
  part("reason").hidden = true;
  part("bars").replaceChildren();
}

/** Do what a person asked for; what goes wrong then is said. */
function doing(task) {
  task.catch((problem) => say(said("failed", { problem: problem.message }), true));
}
