// Thumbnails as toggle buttons that mark a picture; where pictures can be opened, a press opens one and a corner marks it.
// Drawn again only when the pictures change, so that focus stays where it is. The marks come from Python when the grid is
// mounted, which has kept them; after that they are ours.
const instances = new WeakMap();

export default function ({ parentElement, data, setStateValue, setTriggerValue }) {
  const grid = parentElement.querySelector(".grid");
  const shown = data.clear + data.opens + data.pictures.map((picture) => picture.id).join();
  const known = instances.get(parentElement);
  const me = known && known.shown === shown ? known : { shown, marked: new Set(data.marked) };
  instances.set(parentElement, me);
  Object.assign(me, { setStateValue, setTriggerValue });
  if (me !== known) {
    grid.classList.toggle("opens", data.opens);
    grid.setAttribute("aria-label", data.opens ? "Pictures; press one to open it" : "Pictures; press one to mark it");
    grid.replaceChildren(...data.pictures.map((picture) => (data.opens ? openable : tile)(me, picture)));
  }
  if (data.opens) show(grid, data.opened);
}

function tile(me, picture) {
  const button = face(picture);
  return toggles(me, picture, button);
}

function openable(me, picture) {
  const frame = document.createElement("div");
  const button = face(picture);
  button.dataset.id = picture.id;
  button.onclick = () => {
    me.setTriggerValue("opened", picture.id);
    const grid = button.closest(".grid");
    if (grid.getBoundingClientRect().bottom > 0.6 * innerHeight) grid.scrollIntoView({ behavior: "smooth", block: "start" });
  };
  const mark = toggles(me, picture, document.createElement("button"));
  mark.type = "button";
  mark.className = "mark";
  mark.setAttribute("aria-label", `Mark ${picture.caption}, ${picture.detail}`);
  mark.title = "Mark";
  frame.append(button, mark);
  return frame;
}

function toggles(me, picture, button) {
  button.setAttribute("aria-pressed", String(me.marked.has(picture.id)));
  button.onclick = () => {
    me.marked.has(picture.id) ? me.marked.delete(picture.id) : me.marked.add(picture.id);
    button.setAttribute("aria-pressed", String(me.marked.has(picture.id)));
    me.setStateValue("marked", [...me.marked]);
  };
  return button;
}

function face(picture) {
  const button = document.createElement("button");
  const image = document.createElement("img");
  button.type = "button";
  button.className = "face";
  button.title = `${picture.caption}\n${picture.detail}`;
  image.src = picture.src;
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
