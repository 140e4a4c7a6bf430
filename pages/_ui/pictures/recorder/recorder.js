// Records frames of the camera while a button is held, and sends each take to the upload route as one upload.
const SIDE = 480;
const MOST = 2000; // pictures of a take
const BATCH = 100;
const TIMED_SECONDS = 5;

const recorders = new WeakMap();

export default function (component) {
  const { parentElement, data, setTriggerValue } = component;
  let me = recorders.get(parentElement);
  if (!me) recorders.set(parentElement, (me = build(parentElement)));
  const fresh = me.data?.token !== data.token;
  Object.assign(me, { data, setTriggerValue });
  me.find(".hold").setAttribute("aria-label", `Hold to record pictures of ${data.label}`);
  if (fresh && me.sent) {
    me.sent = false;
    ready(me);
  }
  return () => setTimeout(() => me.root.isConnected || leave(me), 0);
}

function build(parent) {
  const find = (selector) => parent.querySelector(selector);
  const me = { root: find(".recorder"), find, frames: [], timer: 0, canvas: document.createElement("canvas") };
  me.onHidden = () => (document.hidden ? rest(me) : start(me));
  document.addEventListener("visibilitychange", me.onHidden);
  const hold = find(".hold");
  hold.onpointerdown = (event) => {
    if (event.button !== 0) return;
    hold.setPointerCapture(event.pointerId);
    press(me);
  };
  hold.onpointerup = hold.onpointercancel = hold.onlostpointercapture = hold.onblur = () => release(me);
  hold.onkeydown = (event) => {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    if (!event.repeat) press(me);
  };
  hold.onkeyup = (event) => (event.key === " " || event.key === "Enter") && release(me);
  hold.oncontextmenu = (event) => event.preventDefault();
  find(".again").onclick = () => start(me);
  find(".mirror").onchange = () => find("video").classList.toggle("mirrored", find(".mirror").checked);
  find(".delay").onchange = () => ready(me);
  find("video").classList.add("mirrored");
  if (!document.hidden) start(me);
  return me;
}

async function start(me) {
  if (me.stream) return;
  complain(me, "");
  tell(me, "The camera starts.");
  try {
    const stream = await openCamera(me);
    if (!me.root.isConnected || document.hidden) return closeCamera(me, document.hidden);
    me.stream = stream;
    stream.getVideoTracks()[0].onended = () => lost(me);
    const video = me.find("video");
    video.srcObject = stream;
    await video.play();
    me.find(".stage").hidden = false;
    ready(me);
  } catch (error) {
    if (!me.root.isConnected) return;
    closeCamera(me, true);
    me.stream = null;
    tell(me, "");
    complain(me, whyNoCamera(error), error.name !== "InsecureError");
  }
}

function ready(me) {
  if (!me.stream || me.busy) return;
  const timed = Number(me.find(".delay").value) > 0;
  me.find(".hold").disabled = false;
  me.find(".hold").textContent = timed ? "Press to record" : "Hold to record";
  tell(me, timed ? "One press counts down, then records." : "Hold the button, or Space, and move a little. Let go to stop.");
}

function press(me) {
  if (!me.stream || me.busy) return;
  const delay = Number(me.find(".delay").value);
  if (me.waiting) return stopWaiting(me);
  if (me.timer) return delay ? finish(me) : undefined;
  complain(me, "");
  if (delay) countDown(me, delay);
  else record(me);
}

function release(me) {
  if (Number(me.find(".delay").value) === 0) finish(me);
}

function countDown(me, left) {
  me.find(".count").hidden = false;
  me.find(".count").textContent = left;
  tell(me, `${left}`);
  if (left > 0) {
    me.waiting = setTimeout(() => countDown(me, left - 1), 1000);
    return;
  }
  me.find(".count").hidden = true;
  me.waiting = 0;
  record(me);
  me.until = setTimeout(() => finish(me), TIMED_SECONDS * 1000);
}

function stopWaiting(me) {
  clearTimeout(me.waiting);
  me.waiting = 0;
  me.find(".count").hidden = true;
  ready(me);
}

function record(me) {
  me.frames = [];
  me.root.classList.add("recording");
  const each = () => {
    if (me.frames.length >= MOST) {
      finish(me);
      return complain(me, `One take holds ${MOST.toLocaleString("en")} pictures. It was stopped and saved; start another.`);
    }
    me.frames.push(squareOf(me.find("video"), me.canvas, SIDE));
    me.find(".hold").textContent = `Recording · ${me.frames.length.toLocaleString("en")}`;
  };
  me.timer = setInterval(each, 1000 / Number(me.find(".rate").value));
  each();
}

async function finish(me) {
  clearTimeout(me.until);
  if (!me.timer) return;
  clearInterval(me.timer);
  me.timer = 0;
  me.root.classList.remove("recording");
  const taken = me.frames;
  me.frames = [];
  me.busy = true;
  me.find(".hold").disabled = true;
  me.find(".hold").textContent = "Saving";
  try {
    const frames = (await Promise.all(taken)).filter(Boolean);
    tell(me, `${frames.length.toLocaleString("en")} pictures are saved.`);
    await upload(me, frames);
    me.sent = true;
    me.setTriggerValue("uploaded", me.data.token);
  } catch (error) {
    complain(me, `${error.message} This take was not saved.`);
  } finally {
    me.busy = false;
    if (!me.sent) ready(me);
  }
}

async function upload(me, frames) {
  const at = `${me.data.url}/${me.data.token}`;
  const stamp = new Date().toISOString().replace(/[-:]|\..*/g, "").replace("T", "-");
  const bytes = frames.reduce((sum, frame) => sum + frame.size, 0);
  await send(`${at}/begin`, JSON.stringify({ total: frames.length, bytes }));
  for (let first = 0; first < frames.length; first += BATCH) {
    const some = frames.slice(first, first + BATCH);
    const body = new FormData();
    const name = (number) => `camera-${stamp}-${String(number).padStart(4, "0")}.jpg`;
    body.append("names", JSON.stringify(some.map((_, index) => name(first + index + 1))));
    some.forEach((frame, index) => body.append("file", frame, String(index)));
    await send(`${at}/files?first=${first}`, body);
  }
  await send(`${at}/end`, "");
}

function rest(me) {
  stopWaiting(me);
  finish(me);
  if (!me.stream) return;
  me.find("video").srcObject = null;
  me.stream = null;
  closeCamera(me, true);
  me.find(".hold").disabled = true;
}

function lost(me) {
  if (!me.stream) return;
  rest(me);
  complain(me, "The camera has gone. Connect it again, then press “Try again”.", true);
}

function leave(me) {
  document.removeEventListener("visibilitychange", me.onHidden);
  clearTimeout(me.waiting);
  clearInterval(me.timer);
  clearTimeout(me.until);
  closeCamera(me);
}

function tell(me, text) {
  me.find(".status").textContent = text;
}

function complain(me, text, again = false) {
  me.find(".message").textContent = text;
  me.find(".message").hidden = !text;
  me.find(".again").hidden = !again;
  if (again) me.find(".hold").disabled = true;
}
