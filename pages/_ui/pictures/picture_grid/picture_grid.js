// Thumbnails as toggle buttons that mark a picture; where pictures can be opened, a press opens one and a corner marks it.
// Drawn again only when the pictures change, so that focus stays where it is. The marks come from Python when the grid is
// mounted, which has kept them; after that they are ours.
const MANY = 4; // from so many pictures on, all of them can be marked at once

const instances = new WeakMap();

export default function ({ parentElement, data, setStateValue, setTriggerValue }) {
  const grid = parentElement.querySelector(".grid");
  const { words } = data;
  const shown = data.clear + data.opens + data.zooms + words.mark + data.pictures.map((picture) => picture.id).join();
  const known = instances.get(parentElement);
  const me = known && known.shown === shown ? known : { shown, marked: new Set(data.marked), last: null };
  instances.set(parentElement, me);
  Object.assign(me, { grid, words, ids: data.pictures.map((picture) => picture.id), setStateValue, setTriggerValue });
  if (me !== known) {
    grid.classList.toggle("opens", data.opens);
    grid.setAttribute("aria-label", data.opens ? words.opens : words.marks);
    grid.replaceChildren(...data.pictures.map((picture) => tile(me, picture, data)));
    grid.onkeydown = (event) => walk(grid, event);
    if (!known) grid.addEventListener("focusin", (event) => stopAt(grid, [...grid.children].findIndex((each) => each.contains(event.target))));
    stopAt(grid, 0);
    const all = parentElement.querySelector(".all");
    all.hidden = !data.marks || data.pictures.length < MANY;
    me.all = all.firstElementChild;
    me.all.onclick = () => mark(me, me.ids, me.marked.size < me.ids.length);
    draw(me);
  }
  if (data.opens) show(grid, data.opened);
}

function tile(me, picture, { opens, zooms, marks }) {
  const frame = document.createElement("div");
  const button = face(picture);
  button.dataset.id = picture.id;
  frame.append(button);
  if (opens) {
    button.onclick = () => open(me, button, picture);
    if (marks) frame.append(toggles(me, picture, corner("mark", fill(me.words.markOne, picture), me.words.mark)));
  } else {
    toggles(me, picture, button);
  }
  if (zooms) {
    const zoom = corner("zoom", fill(me.words.largeOne, picture), me.words.large);
    zoom.innerHTML = '<svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="10" cy="10" r="6"/><path d="M15 15l6 6M10 7v6M7 10h6"/></svg>';
    zoom.onclick = () => me.setTriggerValue("zoomed", picture.id);
    frame.append(zoom);
  }
  return frame;
}

// One stop of the Tab key for the whole grid, as in the grids of ARIA's authoring practices: arrow keys go on from there.
function stopAt(grid, at) {
  [...grid.children].forEach((each, number) => {
    for (const button of each.querySelectorAll("button")) button.tabIndex = number === at ? 0 : -1;
  });
}

function walk(grid, event) {
  const tiles = [...grid.children];
  const at = tiles.findIndex((each) => each.contains(event.target));
  const columns = tiles.filter((each) => each.offsetTop === tiles[0].offsetTop).length;
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, ArrowDown: at + columns, ArrowUp: at - columns, Home: 0, End: tiles.length - 1 }[event.key];
  if (at < 0 || to === undefined) return;
  event.preventDefault();
  tiles[to]?.querySelector(".face").focus();
}

function open(me, button, picture) {
  me.setTriggerValue("opened", picture.id);
  if (me.grid.getBoundingClientRect().bottom > 0.6 * innerHeight) me.grid.scrollIntoView({ behavior: "smooth", block: "start" });
}

function corner(kind, label, title) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = kind;
  button.setAttribute("aria-label", label);
  button.title = title;
  return button;
}

function toggles(me, picture, button) {
  button.dataset.marks = picture.id;
  button.onclick = (event) => {
    const at = me.ids.indexOf(picture.id);
    const from = event.shiftKey && me.last !== null ? me.last : at;
    me.last = at;
    mark(me, me.ids.slice(Math.min(from, at), Math.max(from, at) + 1), !me.marked.has(picture.id));
  };
  return button;
}

function mark(me, ids, on) {
  for (const id of ids) on ? me.marked.add(id) : me.marked.delete(id);
  draw(me);
  me.setStateValue("marked", [...me.marked]);
}

function draw(me) {
  for (const button of me.grid.querySelectorAll("[data-marks]")) button.setAttribute("aria-pressed", String(me.marked.has(button.dataset.marks)));
  const every = me.marked.size === me.ids.length;
  me.all.textContent = every ? me.words.none : fill(me.words.all, { number: me.ids.length });
}

function face(picture) {
  const button = document.createElement("button");
  const image = document.createElement("img");
  button.type = "button";
  button.className = "face";
  button.title = `${picture.caption}\n${picture.detail}`;
  if (picture.src) image.src = picture.src;
  image.alt = "";
  image.loading = "lazy";
  button.append(image, line("caption", picture.caption), line("detail", picture.detail));
  return button;
}

function line(kind, text) {
  const span = document.createElement("span");
  span.className = kind;
  span.textContent = text;
  return span;
}

function show(grid, opened) {
  for (const button of grid.querySelectorAll(".face")) button.setAttribute("aria-current", String(button.dataset.id === opened));
}
