// What a person sees of an answer that is boxes: on the picture, and how many there are of each class.
"use strict";

/** Of the classes one after the other; the app has the same. */
const COLOURS = ["#ffb000", "#4fc3ff", "#00c98d", "#f0e442", "#ff7f50", "#e58fc0", "#8f9bff", "#b0e03c", "#ffffff"];
const layer = element("canvas", ""), slider = element("input", ""), least = element("label", "");
let confidence = about.confidence, latest = null;

/** Return the boxes of the model, those that overlap taken out, the surest first. */
function understood({ probabilities: values }) {
  return { found: suppressed(values, about.classes.length, about) };
}

/** Return the boxes of a result that are sure enough. */
function sure(result) {
  return result.found.filter((box) => box[5] >= confidence);
}

/** Return how many boxes each class has, `[class, number]`, the most first. */
function counted(result) {
  const counts = about.classes.map((_, at) => [at, 0]);
  for (const box of sure(result)) counts[box[4]][1]++;
  return counts.filter((each) => each[1]).sort((a, b) => b[1] - a[1]);
}

function nameOf(result) {
  return counted(result).map(([at, number]) => `${number} × ${about.classes[at]}`).join(", ") || said("no_box");
}

const inShort = nameOf;

function showResult(result) {
  latest = result;
  const counts = counted(result), number = sure(result).length;
  part("answer").textContent = number ? said("boxes", { number }) : said("no_box");
  part("answer").classList.toggle("none", !number);
  part("bars").replaceChildren(...counts.map(([at, each]) => {
    const row = element("li", "named"), line = element("div", "line"), name = element("span", "name"), sign = element("i", "sign");
    sign.style.background = colourOf(at);
    name.append(sign, about.classes[at]);
    name.dir = "auto";
    line.append(name, element("span", "share", String(each)));
    row.append(line);
    return row;
  }));
  part("took").textContent = said("took", { number: Math.round(result.milliseconds) });
  layer.setAttribute("aria-label", nameOf(result));
  draw();
  say("");
}

function clearResult() {
  latest = null;
  part("answer").textContent = part("took").textContent = "";
  part("bars").replaceChildren();
  draw();
}

function colourOf(number) {
  return COLOURS[number % COLOURS.length];
}

/** Return where in the view the picture or the video lies, in its pixels; null where there is none. */
function placed() {
  const video = part("video"), picture = part("picture"), view = part("view");
  const [width, height] = video.hidden ? [picture.naturalWidth, picture.naturalHeight] : [video.videoWidth, video.videoHeight];
  if ((video.hidden && picture.hidden) || !width || !height) return null;
  const scale = Math.min(view.clientWidth / width, view.clientHeight / height);
  const [across, down] = [width * scale, height * scale];
  return { left: (view.clientWidth - across) / 2, upper: (view.clientHeight - down) / 2, across, down };
}

/** Draw the boxes of the latest answer over what is in the view. */
function draw() {
  const view = part("view"), fine = devicePixelRatio || 1, place = placed(), pen = layer.getContext("2d");
  layer.width = Math.round(view.clientWidth * fine);
  layer.height = Math.round(view.clientHeight * fine);
  layer.hidden = !latest || !place;
  if (layer.hidden) return;
  pen.scale(fine, fine);
  pen.font = "600 14px system-ui, sans-serif";
  pen.textBaseline = "top";
  for (const box of sure(latest).reverse()) drawBox(pen, box, place, view);
}

function drawBox(pen, [x1, y1, x2, y2, number, score], { left, upper, across, down }, view) {
  const x = left + x1 * across, y = upper + y1 * down, width = (x2 - x1) * across, height = (y2 - y1) * down;
  const words = `${about.classes[number]} ${percent(score)}`;
  for (const [colour, thick] of [["#000000", 5], [colourOf(number), 3]]) {
    pen.strokeStyle = colour;
    pen.lineWidth = thick;
    pen.strokeRect(x, y, width, height);
  }
  const room = Math.min(pen.measureText(words).width + 8, view.clientWidth);
  const at = Math.max(0, Math.min(x, view.clientWidth - room)), above = y >= 20 ? y - 20 : y;
  pen.fillStyle = colourOf(number);
  pen.fillRect(at, above, room, 20);
  pen.fillStyle = "#000000";
  pen.fillText(words, at + 4, above + 3, room - 8);
}

/** Put the layer over the pictures, and the slider under the answer. */
function equip() {
  layer.id = "layer";
  layer.hidden = true;
  layer.setAttribute("role", "img");
  part("view").append(layer);
  Object.assign(slider, { id: "least", type: "range", min: "0.01", max: "0.99", step: "0.01", value: String(confidence) });
  least.htmlFor = slider.id;
  least.textContent = said("least", { share: percent(confidence) });
  part("took").before(least, slider);
  slider.oninput = () => {
    confidence = Number(slider.value);
    least.textContent = said("least", { share: percent(confidence) });
    for (const each of shown.all) if (each.result) caption(each);
    if (latest) showResult(latest);
  };
  part("picture").onload = draw;
  new ResizeObserver(draw).observe(part("view"));
  const turned = new MutationObserver(draw);
  for (const each of [part("picture"), part("video")]) turned.observe(each, { attributeFilter: ["hidden"] });
}

equip();
