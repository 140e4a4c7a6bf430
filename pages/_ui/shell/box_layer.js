// Boxes over a picture: what is there has a whole line of one colour, what was found a dashed one of another. Both stand
// on a dark line, so that they are seen on any picture.
const MOST_NAMED = 40; // of more boxes the names would cover the picture
const BOX_STYLE = `
.layer { position: absolute; inset: 0; pointer-events: none; }
.box { position: absolute; box-sizing: border-box; border: 3px solid #4fc3ff; outline: 1.5px solid #000b; }
.box.found { border: 3px dashed #ffb000; }
.box b { position: absolute; left: -3px; bottom: 100%; max-width: 14rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
  padding: 0.1rem 0.35rem; font: 600 0.8rem/1.25 var(--st-font, sans-serif); background: #4fc3ff; color: #000; }
.box.found b { background: #ffb000; }
.box.top b { bottom: auto; top: 0; }
.box.low b { bottom: auto; top: 100%; }
.box.right b { left: auto; right: -3px; }
`;

function layBoxes(root) {
  if (root.querySelector("style.boxes")) return;
  const style = document.createElement("style");
  style.className = "boxes";
  style.textContent = BOX_STYLE;
  root.append(style);
}

// boxes: [left, upper, right, lower, caption, look] each, edges as shares of the sides.
function drawBoxes(layer, boxes) {
  const named = boxes.length <= MOST_NAMED;
  layer.replaceChildren(...boxes.map((box) => oneBox(box, named)));
}

function oneBox([left, upper, right, lower, caption, look], named) {
  const box = document.createElement("div");
  box.className = `box ${look}`;
  const places = { left, top: upper, width: right - left, height: lower - upper };
  for (const [name, share] of Object.entries(places)) box.style[name] = `${100 * share}%`;
  box.classList.toggle("right", left > 0.6);
  if (look === "found") box.classList.toggle("low", lower < 0.9); // the name of what is there stands above
  if (!box.classList.contains("low")) box.classList.toggle("top", upper < 0.1 || look === "found");
  if (named && caption) {
    const name = document.createElement("b");
    name.textContent = caption;
    box.append(name);
  }
  return box;
}
