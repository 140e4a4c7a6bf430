// Sentences and numbers as the person reads them: in the language of the page.
const percents = {};

function reads() {
  return document.documentElement.lang || "en";
}

// Writes sentences into the elements that name them: as their text, or as what a screen reader says of them.
function word(root, sentences) {
  for (const each of root.querySelectorAll("[data-says]")) each.textContent = sentences[each.dataset.says];
  for (const each of root.querySelectorAll("[data-label]")) each.setAttribute("aria-label", sentences[each.dataset.label]);
}

// Fills the places in braces of a sentence.
function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
}

function counted(number, decimals = 0) {
  return number.toLocaleString(reads(), { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

function percent(share) {
  percents[reads()] ??= new Intl.NumberFormat(reads(), { style: "percent" });
  return percents[reads()].format(share);
}
