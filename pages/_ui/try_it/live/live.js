// Asks the model about one frame of the camera after the other, and lets the bars move.
const AT_ONCE = 2; // frames under way: one is taken and sent while the other is answered
const SLOWLY_MS = 800; // between two frames while the model is trained again
const MOST_BARS = 8;
const SPOKEN_EVERY_MS = 2000;

const lives = new WeakMap();

export default function (component) {
  const { parentElement, data, setTriggerValue } = component;
  Object.assign(says, data.words);
  word(parentElement, says);
  let me = lives.get(parentElement);
  const other = me && me.data.token !== data.token;
  if (!me) lives.set(parentElement, (me = build(parentElement)));
  Object.assign(me, { data, setTriggerValue });
  me.root.classList.toggle("present", Boolean(data.present));
  me.root.classList.toggle("boxes", Boolean(data.boxes));
  if (other) {
    lay(me);
    if (me.failed && !document.hidden) start(me); // a server that was started again, or another run
  } else if (!me.rows) {
    lay(me);
    if (!document.hidden) start(me);
  }
  return () => setTimeout(() => me.root.isConnected || leave(me), 0);
}

function build(parent) {
  const find = (selector) => parent.querySelector(selector);
  const me = { root: find(".live"), find, answers: 0, times: [], heard: 0 };
  me.onHidden = () => (document.hidden ? stop(me) : me.paused || start(me));
  document.addEventListener("visibilitychange", me.onHidden);
  find(".answer").textContent = says.starts;
  find(".pause").textContent = says.pause;
  find(".pause").onclick = () => {
    me.paused = Boolean(me.stream);
    if (me.paused) stop(me);
    else start(me);
  };
  find(".closer").onclick = () => closer(me);
  tieMirror(find(".mirror"), find("video"));
  find(".mirror").addEventListener("change", () => me.said && showBoxes(me));
  find(".least input").oninput = () => {
    leastSays(me);
    if (me.said) showBoxes(me);
  };
  return me;
}

function lay(me) {
  const list = me.find(".bars");
  list.replaceChildren();
  me.rows = new Map();
  for (const label of me.data.classes) {
    const row = document.createElement("li");
    row.innerHTML = '<span class="name"></span><span class="share"></span><span class="track"><div class="fill"></div></span>';
    row.querySelector(".name").textContent = label;
    list.append(row);
    me.rows.set(label, row);
  }
  if (!me.data.boxes) return;
  layBoxes(me.root);
  me.find(".least").hidden = false;
  me.find(".least input").value = me.data.boxes.confidence;
  leastSays(me);
}

function leastSays(me) {
  me.find(".least output").textContent = percent(Number(me.find(".least input").value));
}

async function start(me) {
  if (me.stream || me.starting) return;
  Object.assign(me, { starting: true, paused: false, failed: false });
  complain(me, "");
  me.find(".answer").textContent = says.starts;
  let stream;
  try {
    stream = await openCamera(me);
    if (!me.root.isConnected || document.hidden) return closeCamera(me, document.hidden);
    me.stream = stream;
    stream.getVideoTracks()[0].onended = () => fail(me, fill(says.gone, { button: says.goOn }));
    const video = me.find("video");
    video.srcObject = stream;
    await video.play();
    me.find(".pause").textContent = says.pause;
    me.find(".answer").textContent = says.reading;
    Object.assign(me, { times: [], sent: 0, shown: 0, asking: new AbortController() });
    for (let number = 0; number < AT_ONCE; number += 1) ask(me, stream);
  } catch (error) {
    if (stream && me.stream !== stream) return; // it was closed before it played
    closeCamera(me, true);
    if (me.root.isConnected) fail(me, whyNoCamera(error, says.goOn));
    me.find(".pause").hidden = error.name === "InsecureError";
  } finally {
    me.starting = false;
  }
}

async function ask(me, stream) {
  const live = () => me.stream === stream && me.root.isConnected;
  const canvas = document.createElement("canvas");
  while (live()) {
    try {
      const number = (me.sent += 1);
      const { token } = me.data;
      const frame = await squareOf(me.find("video"), canvas, me.data.side);
      if (!live()) return;
      const said = await send(`${me.data.url}/${token}`, frame, me.asking.signal);
      if (!live()) return;
      if (number < me.shown) continue; // a later one was quicker
      me.shown = number;
      me.frame = frame;
      me.root.dataset.by = token;
      show(me, said);
      if (me.data.slowly) await new Promise((done) => setTimeout(done, SLOWLY_MS));
    } catch (error) {
      if (live()) fail(me, error.message);
      return;
    }
  }
}

function show(me, said) {
  me.answers += 1;
  me.times.push(performance.now());
  me.times = me.times.slice(-20);
  me.root.dataset.answers = me.answers;
  me.find(".closer").disabled = false;
  const span = (me.times.at(-1) - me.times[0]) / 1000;
  if (span > 0.5) me.find(".pace").textContent = fill(says.pace, { number: counted((me.times.length - 1) / span, 1) });
  me.said = said;
  const [answer, spoken] = me.data.boxes ? showBoxes(me) : showLabels(me, said);
  me.find(".answer").textContent = answer;
  me.root.dataset.answer = said.refused ? "" : spoken;
  if (spoken !== me.spoken && performance.now() - me.heard > SPOKEN_EVERY_MS) {
    me.find(".spoken").textContent = me.spoken = spoken;
    me.heard = performance.now();
  }
}

// Draws the boxes that are sure enough, and counts them; returns what is shown and what is spoken.
function showBoxes(me) {
  const least = Number(me.find(".least input").value);
  const sure = me.said.boxes.filter((box) => box[5] >= least);
  const mirrored = me.find(".mirror").checked;
  const drawn = sure.map(([left, upper, right, lower, label, score]) => {
    const sides = mirrored ? [1 - right, upper, 1 - left, lower] : [left, upper, right, lower];
    return [...sides, `${label} ${certainty(score)}`, "found"];
  });
  drawBoxes(me.find(".layer"), drawn);
  const counts = new Map();
  for (const box of sure) counts.set(box[4], (counts.get(box[4]) ?? 0) + 1);
  for (const [label, row] of me.rows) {
    row.hidden = me.rows.size > MOST_BARS && !counts.has(label);
    row.querySelector(".share").textContent = counted(counts.get(label) ?? 0);
  }
  const answer = [...counts].map(([label, count]) => `${counted(count)} ${label}`).join(", ") || says.nothing;
  me.find(".answer").textContent = answer;
  return [answer, answer];
}

function showLabels(me, said) {
  const ranked = said.classes; // the most probable first
  const shares = new Map(ranked);
  const [best, probability] = ranked[0];
  const shown = new Set(ranked.slice(0, MOST_BARS).map(([label]) => label));
  for (const [label, row] of me.rows) {
    const share = shares.get(label) ?? 0;
    row.hidden = !shown.has(label);
    row.classList.toggle("best", said.given ? said.given.includes(label) : label === best && !said.refused);
    row.querySelector(".fill").style.transform = `scaleX(${share})`;
    row.querySelector(".share").textContent = certainty(share);
  }
  const left = ranked.length - shown.size;
  me.find(".more").hidden = !left;
  me.find(".more").textContent = fill(says.more, { number: counted(left) });
  me.root.classList.toggle("refused", said.refused);
  me.find(".note").hidden = said.judged;
  const given = said.given && (said.given.join(", ") || says.noLabel); // several labels, or none
  const answer = said.refused ? says.noneOfThese : given || `${best} · ${certainty(probability)}`;
  return [answer, said.refused ? says.noneOfThese : given || best];
}

function certainty(share) {
  if (share > 0 && share < 0.005) return `<${percent(0.01)}`;
  return share >= 0.995 && share < 1 ? `>${percent(0.99)}` : percent(Math.round(100 * share) / 100);
}

// Pauses at the frame that was answered last, and hands it to the page.
async function closer(me) {
  const frame = me.frame;
  me.paused = true;
  me.find("video").pause();
  stop(me);
  me.find(".closer").disabled = true;
  const { upload, uploadToken } = me.data;
  try {
    const sent = new FrameUpload(upload, uploadToken, 1);
    sent.add(frame);
    await sent.end();
    me.setTriggerValue("uploaded", uploadToken);
  } catch (error) {
    complain(me, error.message);
    me.find(".closer").disabled = false;
  }
}

function stop(me) {
  me.asking?.abort();
  me.stream = null;
  me.find("video").srcObject = null;
  still(me);
  closeCamera(me, true);
  me.find(".pause").textContent = says.goOn;
  me.find(".pace").textContent = says.paused;
}

// The frame that was answered last stays in sight while the camera is off.
function still(me) {
  URL.revokeObjectURL(me.find("video").poster);
  me.find("video").poster = me.frame ? URL.createObjectURL(me.frame) : "";
}

function fail(me, text) {
  if (me.stream) stop(me);
  Object.assign(me, { paused: true, failed: true });
  me.find(".pause").textContent = says.goOn;
  me.find(".answer").textContent = "";
  me.find(".pace").textContent = "";
  complain(me, text);
}

function leave(me) {
  document.removeEventListener("visibilitychange", me.onHidden);
  me.asking?.abort();
  me.stream = null;
  closeCamera(me);
}

function complain(me, text) {
  me.find(".message").textContent = text;
  me.find(".message").hidden = !text;
}
