// Records frames of the camera while a button is held, and sends each take to the upload route as one upload.
const SIDE = 480;
const MOST = 2000; // pictures of a take
const TIMED_SECONDS = 5;

const recorders = new WeakMap();

export default function (component) {
  const { parentElement, data, setTriggerValue } = component;
  Object.assign(says, data.words);
  word(parentElement, says);
  let me = recorders.get(parentElement);
  if (!me) recorders.set(parentElement, (me = build(parentElement)));
  const fresh = me.data?.token !== data.token;
  Object.assign(me, { data, setTriggerValue });
  me.find(".hold").setAttribute("aria-label", fill(says.holdFor, data));
  if (fresh && me.sent) {
    me.sent = false;
    ready(me);
  }
  return () => setTimeout(() => me.root.isConnected || leave(me), 0);
}

function build(parent) {
  const find = (selector) => parent.querySelector(selector);
  const me = { root: find(".recorder"), find, timer: 0, canvas: document.createElement("canvas") };
  me.onHidden = () => (document.hidden ? rest(me, says.unseen) : start(me));
  document.addEventListener("visibilitychange", me.onHidden);
  const hold = find(".hold");
  hold.textContent = says.hold;
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
  tieMirror(find(".mirror"), find("video"));
  for (const name of ["rate", "delay"]) {
    find(`.${name}`).value = holder.choices[name];
    find(`.${name}`).onchange = () => {
      holder.choices[name] = find(`.${name}`).value;
      holder.note = "";
      ready(me);
    };
  }
  tell(me, says.starts);
  if (!document.hidden) start(me);
  return me;
}

async function start(me) {
  if (me.stream || me.starting) return;
  me.starting = true;
  complain(me, "");
  tell(me, says.starts);
  let stream;
  try {
    stream = await openCamera(me);
    if (!me.root.isConnected || document.hidden) return closeCamera(me, document.hidden);
    me.stream = stream;
    stream.getVideoTracks()[0].onended = () => lost(me);
    const video = me.find("video");
    video.srcObject = stream;
    await video.play();
    me.find(".stage").hidden = false;
    ready(me);
  } catch (error) {
    if (!me.root.isConnected || (stream && me.stream !== stream)) return; // it was closed before it played
    closeCamera(me, true);
    me.stream = null;
    tell(me, "");
    complain(me, whyNoCamera(error, says.again), error.name !== "InsecureError");
  } finally {
    me.starting = false;
  }
}

function ready(me) {
  if (!me.stream || me.busy || me.sent || me.take || me.waiting) return;
  const timed = Number(me.find(".delay").value) > 0;
  const hold = me.find(".hold");
  hold.disabled = false;
  hold.textContent = timed ? says.press : says.hold;
  tell(me, holder.note || (timed ? says.howTimed : says.howHeld));
  if (holder.focus) hold.focus();
  holder.focus = false;
}

function press(me) {
  if (!me.stream || me.busy || me.sent) return;
  const delay = Number(me.find(".delay").value);
  if (me.waiting) return stopWaiting(me);
  if (me.take) return delay ? finish(me) : undefined;
  complain(me, "");
  holder.note = "";
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
  if (!me.waiting) return;
  clearTimeout(me.waiting);
  me.waiting = 0;
  me.find(".count").hidden = true;
  ready(me);
}

function record(me) {
  me.take = new FrameUpload(me.data.url, me.data.token, MOST);
  me.root.classList.add("recording");
  const each = () => {
    if (me.take.error) return finish(me);
    if (me.take.count >= MOST) return finish(me, fill(says.full, { number: counted(MOST) }));
    me.take.add(squareOf(me.find("video"), me.canvas, SIDE));
    me.find(".hold").textContent = fill(says.recording, { number: counted(me.take.count) });
  };
  me.timer = setInterval(each, 1000 / Number(me.find(".rate").value));
  each();
}

// note: for the recorder that is there when the take is in the class; this one may be another one's by then.
async function finish(me, note = "") {
  clearTimeout(me.until);
  if (!me.take) return;
  clearInterval(me.timer);
  const take = me.take;
  me.take = null;
  me.root.classList.remove("recording");
  me.busy = true;
  const hold = me.find(".hold");
  holder.focus = hold.getRootNode().activeElement === hold;
  holder.note = note;
  hold.disabled = true;
  hold.textContent = says.saving;
  tell(me, fill(says.saved, { number: counted(take.count) }));
  try {
    await take.end();
    me.sent = true;
    me.setTriggerValue("uploaded", me.data.token);
  } catch (error) {
    holder.note = "";
    take.cancel();
    const why = `${error.message} ${says.notSaved}`;
    if (document.hidden) holder.note = why;
    else complain(me, why);
  } finally {
    me.busy = false;
    if (!me.sent) ready(me);
  }
}

// The tab was hidden, or the camera has gone.
function rest(me, why = "") {
  if (me.waiting && why) holder.note = `${why} ${says.noCountdown}`;
  stopWaiting(me);
  finish(me, why && `${why} ${says.untilThere}`);
  if (!me.stream) return;
  me.find("video").srcObject = null;
  me.stream = null;
  closeCamera(me, true);
  me.find(".hold").disabled = true;
}

function lost(me) {
  if (!me.stream) return;
  rest(me);
  complain(me, fill(says.gone, { button: says.again }), true);
}

function leave(me) {
  document.removeEventListener("visibilitychange", me.onHidden);
  clearTimeout(me.waiting);
  clearInterval(me.timer);
  clearTimeout(me.until);
  me.take?.cancel();
  me.take = null;
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
