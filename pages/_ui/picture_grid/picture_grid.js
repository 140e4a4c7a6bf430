// Thumbnails as toggle buttons. Drawn anew only when the pictures change, so that focus stays where it is.
const instances = new WeakMap();

export default function ({ parentElement, data, setStateValue }) {
  const grid = parentElement.querySelector(".grid");
  const shown = data.clear + data.pictures.map((picture) => picture.id).join();
  const known = instances.get(parentElement);
  const me = known && known.shown === shown ? known : { shown, marked: new Set() };
  instances.set(parentElement, me);
  me.setStateValue = setStateValue;
  if (me !== known) grid.replaceChildren(...data.pictures.map((picture) => tile(me, picture)));
}

function tile(me, picture) {
  const button = document.createElement("button");
  const image = document.createElement("img");
  button.type = "button";
  button.setAttribute("aria-pressed", "false");
  button.title = picture.detail;
  image.src = picture.src;
  image.alt = "";
  image.loading = "lazy";
  button.append(image, line("caption", picture.caption), line("detail", picture.detail));
  button.onclick = () => {
    me.marked.has(picture.id) ? me.marked.delete(picture.id) : me.marked.add(picture.id);
    button.setAttribute("aria-pressed", String(me.marked.has(picture.id)));
    me.setStateValue("marked", [...me.marked]);
  };
  return button;
}

function line(kind, text) {
  const span = document.createElement("span");
  span.className = kind;
  span.textContent = text;
  return span;
}
