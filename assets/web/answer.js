// What a person sees of an answer that is one class, or several.
"use strict";

/** Whether an example may have several classes, or none: then they are tags, each with a threshold. */
const several = about.thresholds.length > 0;

/** Return what the model says of an example; `known` are the features of the training pictures. */
function understood({ probabilities, features }, known) {
  const score = known.length ? familiarity(known, features, probabilities) : null;
  return { probabilities: Array.from(probabilities), familiarity: score, refused: score !== null && score < about.threshold };
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
