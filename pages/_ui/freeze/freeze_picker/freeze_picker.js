// The network as bars with a line that can be dragged. Everything is changed in place, so that focus stays where it is.
const SEND_MS = 120;
const TOUCH_PX = 6; // a finger that moves so far sideways drags; less is a tap, and up or down scrolls the page

const instances = new WeakMap();

export default function ({ parentElement, data, setStateValue }) {
  const me = instances.get(parentElement) ?? build(parentElement);
  instances.set(parentElement, me);
  Object.assign(me, { data, setStateValue });
  const drawn = JSON.stringify([data.blocks, data.probe, data.words]);
  if (drawn !== me.drawn) draw(me);
  me.drawn = drawn;
  // The answer to an earlier move must not pull back a line that has moved on.
  const answered = data.move >= me.move;
  if (answered) me.move = data.move;
  place(me, answered ? data.line : me.line);
}

function build(root) {
  const find = (selector) => root.querySelector(selector);
  const me = { root, find, plot: find(".plot"), handle: find(".line"), move: 0, line: 0, drag: null, timer: null, sent: 0 };
  me.handle.onkeydown = (event) => press(me, event);
  me.plot.onpointerdown = (event) => down(me, event);
  me.plot.onpointermove = (event) => me.drag && over(me, event);
  me.plot.onpointerup = (event) => up(me, event);
  me.plot.onpointercancel = () => drop(me);
  return me;
}

function draw(me) {
  const { blocks, probe, colours, words } = me.data;
  me.find(".picker").style.setProperty("--frozen", colours.frozen);
  me.find(".picker").style.setProperty("--trains", colours.trains);
  me.bars = blocks.map(bar);
  me.find(".bars").replaceChildren(...me.bars);
  me.find(".stages").replaceChildren(...stages(blocks));
  me.handle.setAttribute("aria-valuemax", blocks.length);
  me.handle.setAttribute("aria-label", words.line);
  me.find(".end.head").title = words.newHead;
  me.find(".end.picture").dataset.reads = me.data.reads;
  for (const part of ["picture", "head"]) me.find(`.foot.at-${part}`).textContent = words[part];
  me.find(".suggested span").textContent = words.suggested;
  for (const part of [".probe", ".measured", ".suggested"]) me.find(part).hidden = !probe;
  for (const [part, text] of [[".tick.top", probe?.top], [".tick.low", probe?.low]]) me.find(part).textContent = text ?? "";
  if (probe) drawProbe(me, probe, blocks.length);
}

function bar(block) {
  const column = made("div", "bar");
  column.title = block.title;
  const fill = column.appendChild(document.createElement("b"));
  fill.style.height = `${(100 * block.height).toFixed(1)}%`;
  return column;
}

// Neighbours of one stage share a label under them.
function stages(blocks) {
  const groups = [];
  for (const { stage } of blocks) {
    if (groups.at(-1)?.stage === stage) groups.at(-1).count += 1;
    else groups.push({ stage, count: 1 });
  }
  return groups.map(({ stage, count }) => {
    const place = made("span", "stage");
    place.style.flex = `${count} 1 0`;
    place.append(made("span", "long", stage), made("span", "short", /\d+$/.exec(stage)?.[0] ?? ""));
    return place;
  });
}

function drawProbe(me, probe, count) {
  const at = (value, index) => [((index + 0.5) / count) * 100, value * 100];
  const places = probe.points.map((point) => at(point.height, point.block));
  const line = places.map(([x, y]) => `${x},${100 - y}`).join(" ");
  const svg = me.find(".probe svg");
  svg.setAttribute("viewBox", "0 0 100 100");
  for (const each of svg.querySelectorAll("polyline")) each.setAttribute("points", line);
  const dots = places.map(([x, y], index) => {
    const dot = made("span", probe.points[index].block + 1 === probe.suggested ? "best" : "");
    dot.style.left = `${x}%`;
    dot.style.bottom = `${y}%`;
    return dot;
  });
  me.find(".points").replaceChildren(...dots);
  me.find(".probe").setAttribute("aria-label", probe.alt);
  me.find(".measured span").textContent = probe.legend;
  const suggested = me.find(".suggested");
  suggested.style.left = `${(100 * probe.suggested) / count}%`;
  suggested.classList.toggle("late", probe.suggested > count / 2);
}

function place(me, line) {
  const { blocks, texts, words } = me.data;
  me.line = Math.max(0, Math.min(blocks.length, line));
  me.handle.style.left = `${(100 * me.line) / blocks.length}%`;
  me.bars.forEach((each, index) => {
    each.classList.toggle("frozen", index < me.line);
    each.classList.toggle("trains", index >= me.line);
  });
  me.handle.setAttribute("aria-valuenow", me.line);
  me.handle.setAttribute("aria-valuetext", texts[me.line]);
  me.find(".said").textContent = texts[me.line];
  me.find(".key.frozen .count").textContent = words.frozen[me.line];
  me.find(".key.trains .count").textContent = words.trains[me.line];
}

function go(me, line) {
  const to = Math.max(0, Math.min(me.data.blocks.length, line));
  if (to === me.line) return;
  me.move += 1;
  place(me, to);
  clearTimeout(me.timer);
  const wait = Math.max(0, me.sent + SEND_MS - performance.now());
  me.timer = setTimeout(() => {
    me.sent = performance.now();
    me.setStateValue("moved", { line: me.line, move: me.move });
  }, wait);
}

function press(me, event) {
  const count = me.data.blocks.length;
  const page = Math.max(1, Math.round(count / 5));
  const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: page, PageDown: -page, Home: -count, End: count };
  if (!(event.key in steps) || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  event.stopPropagation();
  go(me, me.line + steps[event.key]);
}

function down(me, event) {
  if (event.button !== 0 || !event.isPrimary) return;
  const byTouch = event.pointerType === "touch";
  me.drag = { x: event.clientX, going: !byTouch };
  me.plot.setPointerCapture(event.pointerId);
  me.handle.focus({ preventScroll: true });
  if (!byTouch) {
    event.preventDefault();
    over(me, event);
  }
}

function over(me, event) {
  me.drag.going ||= Math.abs(event.clientX - me.drag.x) > TOUCH_PX;
  if (!me.drag.going) return;
  me.plot.classList.add("dragging");
  go(me, lineAt(me, event.clientX));
}

function up(me, event) {
  if (me.drag) go(me, lineAt(me, event.clientX));
  drop(me);
}

function drop(me) {
  me.drag = null;
  me.plot.classList.remove("dragging");
}

function lineAt(me, x) {
  const { left, width } = me.plot.getBoundingClientRect();
  return Math.round(((x - left) / width) * me.data.blocks.length);
}

function made(kind, name, text = "") {
  const element = document.createElement(kind);
  element.className = name;
  element.textContent = text;
  return element;
}
