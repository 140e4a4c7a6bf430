// Sentences whose places in braces are filled, and numbers as the language of the page writes them.
function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
}

function counted(number) {
  return number.toLocaleString(document.documentElement.lang);
}

function percent(share) {
  return share.toLocaleString(document.documentElement.lang, { style: "percent" });
}
