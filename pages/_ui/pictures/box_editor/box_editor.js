// Boxes drawn on one picture after the other, by mouse, finger or keyboard. What is drawn is sent to the server as soon as
// the hand rests, and before another picture is shown; nothing of the page runs again for it.
const REST_MS = 700; // after the last change, before it is saved
const AGAIN_MS = 4000; // until what could not be saved is sent again
const MOST_KEPT_ALIVE = 20000; // characters that a browser still sends when the page is closed: 64 KB, of up to 3 bytes each
const HANDLE_PX = 6; // half a side of a handle on the screen
const LEAST_PX = 5; // of a box that is drawn, on the screen: less is a press
const MOST_LISTED = 200; // boxes in the list, and with their names on the picture
const MOST_ZOOM = 16;
const COLOURS = ["#ffb000", "#4fc3ff", "#00c98d", "#f0e442", "#ff7f50", "#e58fc0", "#8f9bff", "#b0e03c", "#ffffff"];
const CORNERS = [[0, 1], [2, 1], [2, 3], [0, 3], [null, 1], [2, null], [null, 3], [0, null]];

const editors = new WeakMap();

export default function ({ parentElement, data }) {
  let me = editors.get(parentElement);
  if (!me) {
    editors.set(parentElement, (me = build(parentElement)));
    me.root.scrollIntoView({ block: "start" });
  }
  const other = !me.data || me.data.token !== data.token || me.data.first !== data.first;
  me.data = data;
  word(parentElement, data.words);
  me.find(".new").placeholder = data.words.newClass;
  me.find(".new").setAttribute("aria-label", data.words.newClass);
  me.find(".keys").replaceChildren(...data.keys.map((each) => text(document.createElement("li"), each)));
  me.find(".stage").setAttribute("aria-label", data.words.stage);
  for (const name of [".suggest", ".always"]) me.find(name).hidden = !data.suggests;
  if (other) {
    me.classes = [...data.classes];
    me.label = me.classes[0] ?? "";
    me.pictures = data.pictures.map(([id, name, state, width, height]) => ({ id, name, state, width, height }));
    open(me, Math.max(0, me.pictures.findIndex((each) => each.id === data.first)));
    // Keys work at once; where there is no class yet, one has to be named first.
    me.find(me.classes.length ? ".stage" : ".new").focus({ preventScroll: true });
  } else {
    draw(me);
  }
  return () => setTimeout(() => me.root.isConnected || leave(me), 0);
}

function build(parent) {
  const find = (selector) => parent.querySelector(selector);
  const me = { root: find(".editor"), find, unsaved: new Map(), steps: new Map(), pointers: new Map(), boxes: [], chosen: -1, zoom: 1, pan: [0, 0] };
  const on = (selector, does) => (find(selector).onclick = () => does(me));
  on(".previous", () => open(me, me.at - 1));
  on(".next", () => open(me, me.at + 1));
  on(".unseen", nextUnseen);
  on(".undo", undo);
  on(".redo", redo);
  on(".delete", remove);
  on(".nothing", nothing);
  on(".in", () => zoom(me, 1.5));
  on(".out", () => zoom(me, 1 / 1.5));
  on(".fit", () => zoom(me, 0));
  on(".suggest", suggest);
  on(".accept", accept);
  find(".more").onsubmit = (event) => {
    event.preventDefault();
    addClass(me, find(".new").value);
    find(".new").value = "";
  };
  find(".new").onkeydown = (event) => event.stopPropagation();
  const stage = find(".stage");
  stage.onpointerdown = (event) => down(me, event);
  stage.onpointermove = (event) => move(me, event);
  stage.onpointerup = (event) => up(me, event);
  stage.onpointercancel = (event) => up(me, event);
  stage.oncontextmenu = (event) => event.preventDefault();
  stage.addEventListener("wheel", (event) => wheel(me, event), { passive: false });
  me.root.onkeydown = (event) => key(me, event);
  me.onHidden = () => document.hidden && flush(me);
  me.onUnload = (event) => {
    flush(me);
    if (me.unsaved.size) event.preventDefault();
  };
  document.addEventListener("visibilitychange", me.onHidden);
  addEventListener("beforeunload", me.onUnload);
  me.sizes = new ResizeObserver(() => place(me));
  me.sizes.observe(stage);
  return me;
}

function leave(me) {
  flush(me);
  document.removeEventListener("visibilitychange", me.onHidden);
  removeEventListener("beforeunload", me.onUnload);
  me.sizes.disconnect();
}

// ---- one picture

async function open(me, at) {
  if (!me.pictures.length || at < 0 || at >= me.pictures.length) return;
  flush(me);
  const picture = me.pictures[at];
  const visit = (me.visit = {}); // what was asked in an earlier visit to the same picture comes too late
  Object.assign(me, { at, picture, boxes: [], looked: false, chosen: -1, zoom: 1, pan: [0, 0], drag: null, ready: false });
  say(me, "");
  const image = me.find("img");
  image.removeAttribute("src");
  image.src = `${address(me, picture)}/picture`;
  place(me);
  draw(me);
  const held = me.unsaved.get(picture.id);
  const found = held ?? (await ask(me, address(me, picture), { method: "GET" }));
  if (me.visit !== visit || !found) return;
  me.boxes = found.boxes.map(([label, ...edges]) => ({ label, edges }));
  me.looked = found.looked;
  me.ready = true;
  for (const { label } of me.boxes) if (!me.classes.includes(label)) me.classes.push(label);
  draw(me);
  say(me, ""); // what nobody has looked at is said where boxes are counted
  if (me.data.suggests && me.find(".always input").checked && !me.boxes.length && !me.looked) suggest(me);
}

function nextUnseen(me) {
  const count = me.pictures.length;
  for (let step = 1; step <= count; step += 1) {
    const at = (me.at + step) % count;
    if (me.pictures[at].state === null && at !== me.at) return open(me, at);
  }
  say(me, me.data.words.allSeen);
}

// ---- saving

function change(me, does) {
  if (!me.ready) return;
  const steps = stepsOf(me);
  steps.undo.push(snapshot(me));
  steps.redo.length = 0;
  does();
  changed(me);
}

function changed(me) {
  const drawn = me.boxes.filter((box) => box.score === undefined);
  if (drawn.length) me.looked = false;
  me.picture.state = drawn.length || (me.looked ? 0 : null);
  me.unsaved.set(me.picture.id, { boxes: drawn.map((box) => [box.label, ...box.edges]), looked: me.looked });
  clearTimeout(me.timer);
  me.timer = setTimeout(() => flush(me), REST_MS);
  tell(me, me.data.words.saving);
  draw(me);
}

function flush(me) {
  clearTimeout(me.timer);
  if (me.unsaved.size && !me.sending) me.sending = send(me).finally(() => (me.sending = null));
}

async function send(me) {
  while (me.unsaved.size) {
    const [id, state] = me.unsaved.entries().next().value;
    const body = JSON.stringify(state);
    const keepalive = body.length < MOST_KEPT_ALIVE;
    const said = await ask(me, `${me.data.url}/${me.data.token}/${id}`, { method: "POST", body, keepalive }, true);
    if (!said) {
      me.timer = setTimeout(() => flush(me), AGAIN_MS);
      return;
    }
    if (me.unsaved.get(id) === state) me.unsaved.delete(id);
  }
  tell(me, me.data.words.saved);
}

async function ask(me, url, how, saves = false) {
  const failed = (reason) => {
    if (saves) tell(me, `${me.data.words.notSaved} ${reason ?? ""}`, true);
    else say(me, reason ?? me.data.words.silent, true);
    return null;
  };
  const pair = document.cookie.split("; ").find((each) => each.startsWith("_streamlit_xsrf="));
  const headers = { "x-xsrftoken": pair ? decodeURIComponent(pair.slice("_streamlit_xsrf=".length)) : "" };
  try {
    const response = await fetch(url, { headers, ...how });
    const said = await response.json();
    return response.ok ? said : failed(said.error);
  } catch {
    return failed();
  }
}

function address(me, picture) {
  return `${me.data.url}/${me.data.token}/${picture.id}`;
}

function snapshot(me) {
  return JSON.stringify([me.boxes, me.looked]);
}

function stepsOf(me) {
  if (!me.steps.has(me.picture.id)) me.steps.set(me.picture.id, { undo: [], redo: [] });
  return me.steps.get(me.picture.id);
}

function undo(me) {
  step(me, "undo", "redo");
}

function redo(me) {
  step(me, "redo", "undo");
}

function step(me, from, to) {
  const steps = stepsOf(me);
  if (!me.ready || !steps[from].length) return;
  steps[to].push(snapshot(me));
  [me.boxes, me.looked] = JSON.parse(steps[from].pop());
  changed(me);
}

// ---- what can be done with boxes

function addClass(me, name) {
  const label = name.trim().replace(/\s+/g, " ");
  if (!label) return;
  const known = me.classes.find((each) => each.toLowerCase() === label.toLowerCase());
  if (!known) me.classes.push(label);
  give(me, known ?? label);
  me.find(".stage").focus();
}

function give(me, label) {
  me.label = label;
  const box = me.boxes[me.chosen];
  if (box && box.label !== label) change(me, () => (box.label = label));
  else draw(me);
}

function add(me, edges) {
  if (!me.ready) return;
  if (!me.label) {
    say(me, me.data.words.classFirst, true);
    me.find(".new").focus();
    return;
  }
  change(me, () => {
    me.boxes.push({ label: me.label, edges: edges.map(rounded) });
    me.chosen = me.boxes.length - 1;
  });
  say(me, fill(me.data.words.added, { box: described(me, me.chosen) }));
}

function middle(me) {
  add(me, [0.4, 0.4, 0.6, 0.6]);
}

function remove(me) {
  if (!me.boxes[me.chosen]) return;
  const gone = described(me, me.chosen);
  change(me, () => me.boxes.splice(me.chosen, 1));
  say(me, fill(me.data.words.deleted, { box: gone }));
}

function nothing(me) {
  if (!me.ready) return;
  if (me.looked) change(me, () => (me.looked = false));
  else if (!me.boxes.some((box) => box.score === undefined)) {
    change(me, () => {
      me.boxes = [];
      me.chosen = -1;
      me.looked = true;
    });
    say(me, "");
  }
}

function choose(me, at) {
  me.chosen = at;
  if (me.boxes[at]) me.label = me.boxes[at].label;
  draw(me);
  say(me, me.boxes[at] ? described(me, at) : "");
}

function cycle(me, by) {
  if (me.boxes.length) choose(me, (me.chosen + by + me.boxes.length + (me.chosen < 0 && by < 0)) % me.boxes.length);
}

async function suggest(me) {
  const { picture, visit } = me;
  if (!me.ready || !me.data.suggests) return;
  say(me, me.data.words.suggesting);
  const said = await ask(me, `${address(me, picture)}/suggest`, { method: "POST" });
  if (!said || me.visit !== visit) return;
  const own = me.boxes.filter((box) => box.score === undefined);
  const fresh = said.boxes.map(([label, x1, y1, x2, y2, score]) => ({ label, edges: [x1, y1, x2, y2], score }));
  me.boxes = [...own, ...fresh.filter((box) => !own.some((other) => overlap(box.edges, other.edges) > 0.5))];
  me.chosen = -1;
  for (const { label } of me.boxes) if (!me.classes.includes(label)) me.classes.push(label);
  draw(me);
  if (me.root.getRootNode().activeElement === me.find(".suggest")) me.find(".stage").focus({ preventScroll: true });
  const count = me.boxes.length - own.length;
  say(me, count ? fill(me.data.words.suggested, { number: counted(count) }) : me.data.words.noneSuggested);
}

function accept(me) {
  const one = me.boxes[me.chosen];
  const taken = one && one.score !== undefined ? [one] : me.boxes.filter((box) => box.score !== undefined);
  if (!taken.length) return;
  change(me, () => taken.forEach((box) => delete box.score));
  say(me, fill(me.data.words.accepted, { number: counted(taken.length) }));
}

function overlap([a1, b1, a2, b2], [c1, d1, c2, d2]) {
  const shared = Math.max(0, Math.min(a2, c2) - Math.max(a1, c1)) * Math.max(0, Math.min(b2, d2) - Math.max(b1, d1));
  return shared / ((a2 - a1) * (b2 - b1) + (c2 - c1) * (d2 - d1) - shared || 1);
}

// ---- the hand: one pointer draws, moves and resizes; two of them, the wheel and the middle button move the picture

function down(me, event) {
  me.find(".stage").focus({ preventScroll: true });
  me.find(".stage").setPointerCapture(event.pointerId);
  me.pointers.set(event.pointerId, [event.clientX, event.clientY]);
  if (!me.ready) return;
  if (me.pointers.size === 2) {
    cancel(me);
    me.pinch = pinched(me);
    return;
  }
  if (event.button === 1 || event.button === 2) {
    me.drag = { kind: "pan", from: [event.clientX, event.clientY], pan: [...me.pan] };
    return;
  }
  const at = shares(me, event);
  const box = event.shiftKey ? undefined : me.boxes[me.chosen]; // with Shift a new one is drawn, wherever that begins
  const corner = box ? CORNERS.findIndex((sides) => near(me, box, sides, event, at)) : -1;
  const start = { from: at, screen: [event.clientX, event.clientY], before: snapshot(me) };
  if (corner >= 0) me.drag = { ...start, kind: "resize", sides: CORNERS[corner], edges: [...box.edges] };
  else if (box && inside(box.edges, at)) me.drag = { ...start, kind: "move", edges: [...box.edges] };
  else me.drag = { ...start, kind: "draw" };
}

function move(me, event) {
  if (!me.pointers.has(event.pointerId)) return;
  me.pointers.set(event.pointerId, [event.clientX, event.clientY]);
  if (me.pinch) return pinch(me);
  const { drag } = me;
  if (!drag) return;
  if (drag.kind === "pan") {
    me.pan = [drag.pan[0] + event.clientX - drag.from[0], drag.pan[1] + event.clientY - drag.from[1]];
    place(me);
    return;
  }
  drag.moved ||= Math.hypot(event.clientX - drag.screen[0], event.clientY - drag.screen[1]) >= LEAST_PX;
  if (!drag.moved) return;
  const at = shares(me, event);
  if (drag.kind === "draw") {
    if (drag.box === undefined) {
      if (!me.label) return;
      me.boxes.push({ label: me.label, edges: [] });
      me.chosen = drag.box = me.boxes.length - 1;
      me.boxes[drag.box].edges = between(drag.from, at);
      draw(me);
    }
    me.boxes[drag.box].edges = between(drag.from, at);
  } else if (drag.kind === "resize") {
    me.boxes[me.chosen].edges = resized(me, drag.edges, drag.sides, at);
  } else {
    me.boxes[me.chosen].edges = moved(drag.edges, at[0] - drag.from[0], at[1] - drag.from[1]);
  }
  drawBox(me, me.chosen);
}

function up(me, event) {
  me.pointers.delete(event.pointerId);
  if (me.pinch) {
    if (!me.pointers.size) me.pinch = null;
    return;
  }
  const { drag } = me;
  me.drag = null;
  if (!drag || drag.kind === "pan") return;
  if (event.type === "pointercancel") return cancel(me, drag);
  if (!drag.moved) return press(me, drag.from);
  if (drag.kind === "draw" && drag.box === undefined) {
    say(me, me.data.words.classFirst, true);
    me.find(".new").focus();
    return;
  }
  const box = me.boxes[me.chosen];
  delete box.score; // a suggestion that was mended is a person's
  box.edges = box.edges.map(rounded);
  if (box.edges[2] <= box.edges[0] || box.edges[3] <= box.edges[1]) return cancel(me, drag);
  const steps = stepsOf(me);
  steps.undo.push(drag.before);
  steps.redo.length = 0;
  changed(me);
  say(me, fill(drag.kind === "draw" ? me.data.words.added : me.data.words.changed, { box: described(me, me.chosen) }));
}

function cancel(me, drag = me.drag) {
  if (drag?.before) [me.boxes, me.looked] = JSON.parse(drag.before);
  me.drag = null;
  draw(me);
}

// A press takes the smallest box below it; pressed again, the next larger one. A suggestion that is pressed is accepted.
function press(me, at) {
  const size = ({ edges: [x1, y1, x2, y2] }) => (x2 - x1) * (y2 - y1);
  const reach = [6 / me.scale / me.picture.width, 6 / me.scale / me.picture.height];
  const below = me.boxes.map((box, index) => index).filter((index) => inside(me.boxes[index].edges, at, reach));
  below.sort((one, other) => size(me.boxes[one]) - size(me.boxes[other]));
  if (!below.length) return choose(me, -1);
  const next = below[(below.indexOf(me.chosen) + 1) % below.length];
  choose(me, next);
  if (me.boxes[next].score !== undefined) accept(me);
}

// Within a small box a finger moves it, and takes a handle from outside.
function near(me, box, [x, y], event, at) {
  const shown = me.find("svg").getBoundingClientRect();
  const [across, along] = middleOf(box.edges, [x, y]);
  const [x1, y1, x2, y2] = box.edges;
  const side = Math.min((x2 - x1) * shown.width, (y2 - y1) * shown.height);
  const most = event.pointerType === "touch" ? 22 : 9;
  const reach = inside(box.edges, at) ? Math.min(most, side / 4) : most;
  return Math.abs(shown.left + across * shown.width - event.clientX) <= reach && Math.abs(shown.top + along * shown.height - event.clientY) <= reach;
}

function middleOf(edges, [x, y]) {
  return [x === null ? (edges[0] + edges[2]) / 2 : edges[x], y === null ? (edges[1] + edges[3]) / 2 : edges[y]];
}

function inside([x1, y1, x2, y2], [x, y], [across, along] = [0, 0]) {
  return x >= x1 - across && x <= x2 + across && y >= y1 - along && y <= y2 + along;
}

function shares(me, event) {
  const shown = me.find("svg").getBoundingClientRect();
  return [limit((event.clientX - shown.left) / shown.width), limit((event.clientY - shown.top) / shown.height)];
}

function between([a, b], [c, d]) {
  return [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)];
}

function resized(me, edges, [x, y], [toX, toY]) {
  const made = [...edges];
  if (x !== null) made[x] = toX;
  if (y !== null) made[y] = toY;
  return between(made.slice(0, 2), made.slice(2));
}

function moved([x1, y1, x2, y2], across, along) {
  const x = Math.min(Math.max(across, -x1), 1 - x2);
  const y = Math.min(Math.max(along, -y1), 1 - y2);
  return [x1 + x, y1 + y, x2 + x, y2 + y];
}

function limit(share) {
  return Math.min(1, Math.max(0, share));
}

function rounded(share) {
  return Math.round(limit(share) * 1e6) / 1e6;
}

// ---- the keyboard

// Wherever in the editor the focus is; a field takes its letters, and a button what presses it.
function key(me, event) {
  if (event.target.matches("input, summary") || event.altKey) return;
  if (event.target.matches("button") && [" ", "Enter"].includes(event.key)) return;
  const does = keyed(me, event);
  if (!does) return;
  event.preventDefault();
  event.stopPropagation(); // the page has keys of its own
  does();
}

function keyed(me, event) {
  const { key: pressed, shiftKey, ctrlKey, metaKey } = event;
  const letter = pressed.toLowerCase();
  if (ctrlKey || metaKey) {
    if (letter === "z") return () => (shiftKey ? redo(me) : undo(me));
    if (letter === "y") return () => redo(me);
    if (!pressed.startsWith("Arrow")) return null;
  }
  if (pressed.startsWith("Arrow")) return () => arrow(me, pressed, shiftKey, ctrlKey || metaKey);
  if (/^[1-9]$/.test(pressed)) return () => me.classes[pressed - 1] && give(me, me.classes[pressed - 1]);
  const keys = {
    delete: () => remove(me),
    backspace: () => remove(me),
    escape: () => (me.drag ? cancel(me) : choose(me, -1)),
    enter: () => accept(me),
    pagedown: () => open(me, me.at + 1),
    pageup: () => open(me, me.at - 1),
    u: () => nextUnseen(me),
    b: () => middle(me),
    n: () => nothing(me),
    s: () => suggest(me),
    e: () => cycle(me, 1),
    w: () => cycle(me, -1),
    z: () => undo(me),
    y: () => redo(me),
    "+": () => zoom(me, 1.5),
    "-": () => zoom(me, 1 / 1.5),
    0: () => zoom(me, 0),
  };
  return keys[letter];
}

// Arrows move the chosen box by a pixel, with Ctrl by ten; with Shift they move its right and lower edges.
function arrow(me, pressed, resizes, far) {
  const by = far ? 10 : 1;
  const across = { ArrowLeft: -by, ArrowRight: by }[pressed] ?? 0;
  const along = { ArrowUp: -by, ArrowDown: by }[pressed] ?? 0;
  const box = me.boxes[me.chosen];
  if (!box) {
    me.pan = [me.pan[0] - 40 * Math.sign(across), me.pan[1] - 40 * Math.sign(along)];
    place(me);
    return;
  }
  const [x, y] = [across / me.picture.width, along / me.picture.height];
  const [x1, y1, x2, y2] = box.edges;
  const least = [1 / me.picture.width, 1 / me.picture.height];
  change(me, () => {
    box.edges = resizes ? [x1, y1, Math.max(x1 + least[0], limit(x2 + x)), Math.max(y1 + least[1], limit(y2 + y))] : moved(box.edges, x, y);
    box.edges = box.edges.map(rounded);
    delete box.score;
  });
  say(me, described(me, me.chosen));
}

// ---- zoom

function zoom(me, factor, [x, y] = middleOfStage(me)) {
  const before = me.zoom;
  me.zoom = factor ? Math.min(MOST_ZOOM, Math.max(1, before * factor)) : 1;
  const grown = me.zoom / before;
  me.pan = me.zoom === 1 ? [0, 0] : [x - (x - me.pan[0]) * grown, y - (y - me.pan[1]) * grown];
  place(me);
  draw(me);
}

function middleOfStage(me) {
  return [0, 0]; // the pan is counted from the middle
}

function wheel(me, event) {
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    zoom(me, Math.exp(-event.deltaY / 200), fromMiddle(me, [event.clientX, event.clientY]));
  } else if (me.zoom > 1) {
    event.preventDefault();
    me.pan = [me.pan[0] - event.deltaX, me.pan[1] - event.deltaY];
    place(me);
  }
}

function fromMiddle(me, [x, y]) {
  const shown = me.find(".stage").getBoundingClientRect();
  return [x - shown.left - shown.width / 2, y - shown.top - shown.height / 2];
}

function pinched(me) {
  const [[a, b], [c, d]] = [...me.pointers.values()];
  return { apart: Math.hypot(a - c, b - d), middle: [(a + c) / 2, (b + d) / 2] };
}

function pinch(me) {
  if (me.pointers.size !== 2) return;
  const [before, now] = [me.pinch, pinched(me)];
  me.pan = [me.pan[0] + now.middle[0] - before.middle[0], me.pan[1] + now.middle[1] - before.middle[1]];
  zoom(me, now.apart / (before.apart || 1), fromMiddle(me, now.middle));
  me.pinch = now;
}

function place(me) {
  if (!me.picture) return;
  const stage = me.find(".stage");
  const { width, height } = me.picture;
  me.scale = Math.min(stage.clientWidth / width, stage.clientHeight / height) * me.zoom || 1;
  const [across, along] = [width * me.scale, height * me.scale];
  const most = [Math.max(0, (across - stage.clientWidth) / 2), Math.max(0, (along - stage.clientHeight) / 2)];
  me.pan = me.pan.map((each, at) => Math.min(most[at], Math.max(-most[at], each)));
  Object.assign(me.find(".canvas").style, {
    width: `${across}px`,
    height: `${along}px`,
    left: `${(stage.clientWidth - across) / 2 + me.pan[0]}px`,
    top: `${(stage.clientHeight - along) / 2 + me.pan[1]}px`,
  });
  if (me.nodes) me.boxes.forEach((box, at) => drawBox(me, at));
}

// ---- what is shown

function draw(me) {
  const { words } = me.data;
  const svg = me.find("svg");
  me.chosen = Math.min(me.chosen, me.boxes.length - 1);
  svg.setAttribute("viewBox", `0 0 ${me.picture.width} ${me.picture.height}`);
  me.nodes = me.boxes.map(() => node("g"));
  me.handles = node("g");
  svg.replaceChildren(...me.nodes, me.handles);
  if (me.chosen >= 0) svg.insertBefore(me.nodes[me.chosen], me.handles);
  me.boxes.forEach((box, at) => drawBox(me, at));
  me.find(".where").textContent = `${fill(words.place, { number: counted(me.at + 1), every: counted(me.pictures.length) })} · ${me.picture.name}`;
  const steps = stepsOf(me);
  const able = {
    previous: me.at > 0,
    next: me.at < me.pictures.length - 1,
    undo: steps.undo.length,
    redo: steps.redo.length,
    delete: me.boxes[me.chosen],
    nothing: me.ready && (me.looked || !me.boxes.some((box) => box.score === undefined)),
    out: me.zoom > 1,
    fit: me.zoom > 1,
    in: me.zoom < MOST_ZOOM,
    suggest: me.ready,
  };
  for (const [name, on] of Object.entries(able)) me.find(`.${name}`).disabled = !on;
  me.find(".nothing").setAttribute("aria-pressed", String(me.looked && !me.boxes.length));
  me.find(".accept").hidden = !me.boxes.some((box) => box.score !== undefined);
  const focused = me.root.getRootNode().activeElement;
  if (focused?.disabled || focused?.hidden) me.find(".stage").focus({ preventScroll: true });
  drawClasses(me);
  drawList(me);
}

function drawBox(me, at) {
  const group = me.nodes?.[at];
  const box = me.boxes[at];
  if (!group || !box) return;
  const { width, height } = me.picture;
  const [x1, y1, x2, y2] = box.edges;
  const sides = { x: x1 * width, y: y1 * height, width: (x2 - x1) * width, height: (y2 - y1) * height };
  const colour = colourOf(me, box.label);
  group.setAttribute("class", `${at === me.chosen ? "chosen" : ""} ${box.score === undefined ? "" : "suggested"}`);
  const parts = [node("rect", { class: "under", ...sides }), node("rect", { class: "box", ...sides, stroke: colour, fill: colour })];
  if (me.boxes.length <= MOST_LISTED || at === me.chosen) {
    const size = 13 / me.scale;
    const name = box.score === undefined ? box.label : `${box.label} ${percent(box.score)}`;
    parts.push(text(node("text", { class: "tag", x: sides.x, y: Math.max(sides.y - 4 / me.scale, size), "font-size": size, "stroke-width": 3 / me.scale, style: `stroke-width:${3 / me.scale}px` }), name));
  }
  group.replaceChildren(...parts);
  if (at !== me.chosen) {
    if (me.chosen < 0) me.handles.replaceChildren();
    return;
  }
  const half = HANDLE_PX / me.scale;
  me.handles.replaceChildren(
    ...CORNERS.map((which) => {
      const [x, y] = middleOf(box.edges, which);
      return node("rect", { class: "handle", x: x * width - half, y: y * height - half, width: 2 * half, height: 2 * half });
    }),
  );
}

function drawClasses(me) {
  const shown = me.classes.map((label, at) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "class";
    button.setAttribute("role", "radio");
    button.setAttribute("aria-checked", String(label === me.label));
    const colour = document.createElement("i");
    colour.style.background = colourOf(me, label);
    button.append(colour, text(document.createElement("span"), label));
    if (at < 9) button.append(text(document.createElement("kbd"), at + 1));
    button.onclick = () => {
      give(me, label);
      me.find(".stage").focus({ preventScroll: true });
    };
    return button;
  });
  me.find(".classes").replaceChildren(...shown);
}

function drawList(me) {
  const { words } = me.data;
  const own = me.boxes.filter((box) => box.score === undefined).length;
  const states = { true: words.isNothing, false: words.none };
  me.find(".count").textContent = own ? fill(own === 1 ? words.one : words.several, { number: counted(own) }) : me.ready ? states[me.looked] : "";
  const rows = me.boxes.slice(0, MOST_LISTED).map((box, at) => {
    const row = document.createElement("li");
    const pick = text(document.createElement("button"), described(me, at));
    pick.type = "button";
    pick.className = "pick";
    pick.setAttribute("aria-pressed", String(at === me.chosen));
    pick.onclick = () => {
      choose(me, at);
      me.find(".list").children[at]?.firstElementChild.focus({ preventScroll: true });
    };
    const gone = text(document.createElement("button"), "×");
    gone.type = "button";
    gone.className = "icon";
    gone.setAttribute("aria-label", fill(words.deleteOne, { box: described(me, at) }));
    gone.onclick = () => {
      me.chosen = at;
      remove(me);
    };
    row.append(pick, gone);
    return row;
  });
  if (me.boxes.length > MOST_LISTED) rows.push(text(document.createElement("li"), fill(words.more, { number: counted(me.boxes.length - MOST_LISTED) })));
  me.find(".list").replaceChildren(...rows);
}

// A box in words, in pixels of the stored picture: its number, its class, its size and where it begins.
function described(me, at) {
  const { label, edges, score } = me.boxes[at];
  const { width, height } = me.picture;
  const [x, y, right, bottom] = [edges[0] * width, edges[1] * height, edges[2] * width, edges[3] * height].map(Math.round);
  const said = fill(me.data.words.box, { number: at + 1, label, width: Math.max(1, right - x), height: Math.max(1, bottom - y), x, y });
  return score === undefined ? said : `${said}, ${fill(me.data.words.sure, { share: percent(score) })}`;
}

function colourOf(me, label) {
  return COLOURS[Math.max(0, me.classes.indexOf(label)) % COLOURS.length];
}

function say(me, sentence, failed = false) {
  const said = me.find(".said");
  said.textContent = sentence;
  said.classList.toggle("failed", failed);
}

function tell(me, sentence, failed = false) {
  const saved = me.find(".saved");
  saved.textContent = sentence;
  saved.classList.toggle("failed", failed);
}

function node(kind, attributes = {}) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", kind);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

function text(element, content) {
  element.textContent = content;
  return element;
}
