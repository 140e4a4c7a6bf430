// A confusion matrix as a table whose cells are buttons. Drawn again only when its numbers change, so that focus stays.
const instances = new WeakMap();
const MANY = 9;

export default function ({ parentElement, data, setTriggerValue }) {
  const me = instances.get(parentElement) ?? {};
  instances.set(parentElement, me);
  me.press = (row, column) => setTriggerValue("cell", [row, column]);
  const drawn = JSON.stringify([data.labels, data.texts, data.words]);
  if (drawn !== me.drawn) draw(parentElement, me, data);
  me.drawn = drawn;
  for (const button of parentElement.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.dataset.at === String(data.chosen)));
  }
}

function draw(root, me, { labels, texts, shares, says, words, colours }) {
  const table = root.querySelector("table");
  table.classList.toggle("many", labels.length >= MANY);
  table.style.setProperty("--right", colours.right);
  table.style.setProperty("--wrong", colours.wrong);
  root.querySelector("p").textContent = words.reading;
  const corner = document.createElement("td");
  const heads = document.createElement("tr");
  heads.append(corner, ...labels.map((label) => head(label, "col")));
  table.querySelector("thead").replaceChildren(heads);
  table.querySelector("tbody").replaceChildren(
    ...labels.map((label, row) => {
      const line = document.createElement("tr");
      line.append(head(label, "row"), ...texts[row].map((text, column) => cell(me, row, column, text, shares[row][column], says[row][column])));
      return line;
    }),
  );
}

function head(label, scope) {
  const th = document.createElement("th");
  th.scope = scope;
  th.textContent = label;
  th.title = label;
  return th;
}

function cell(me, row, column, text, share, say) {
  const td = document.createElement("td");
  const inside = document.createElement(text ? "button" : "span");
  inside.textContent = text || "·";
  if (text) {
    inside.type = "button";
    inside.dataset.at = [row, column];
    inside.title = say;
    inside.setAttribute("aria-label", say);
    inside.style.setProperty("--share", share);
    inside.style.setProperty("--colour", row === column ? "var(--right)" : "var(--wrong)");
    inside.onclick = () => me.press(row, column);
  }
  td.append(inside);
  return td;
}
