// The camera of this page, which several components take turns with, sentences for when there is none, its frames.
const BATCH = 50; // frames that are sent at once
const FRAME_BYTES = 2 ** 19; // more than a frame takes
const LINGER_MS = 1200; // long enough for the next component of the same page to take it over, else its light goes off

// What a person chose stays when one component makes way for the next; a note is for the next one to tell.
const CHOICES = { mirrored: true, rate: "8", delay: "0" };
const holder = (window.thawCamera ??= { stream: null, users: new Set(), timer: 0, choices: CHOICES, note: "", focus: false });

// What is said, by name, in the language of the page: each component brings its own words and those of the camera.
const says = {};

async function openCamera(user) {
  if (!window.isSecureContext) throw new DOMException("", "InsecureError");
  if (!navigator.mediaDevices) throw new DOMException("", "UnsupportedError");
  holder.users.add(user);
  clearTimeout(holder.timer);
  if (!holder.stream) {
    const wanted = { video: { width: { ideal: 640 }, height: { ideal: 480 } }, audio: false };
    holder.stream = navigator.mediaDevices.getUserMedia(wanted);
    holder.stream.catch(() => (holder.stream = null));
  }
  const stream = await holder.stream;
  if (stream.getTracks().every((track) => track.readyState === "live")) return stream;
  holder.stream = null;
  return openCamera(user);
}

function closeCamera(user, at_once = false) {
  holder.users.delete(user);
  clearTimeout(holder.timer);
  const end = async () => {
    if (holder.users.size || !holder.stream) return;
    const opened = holder.stream;
    holder.stream = null;
    (await opened.catch(() => null))?.getTracks().forEach((track) => track.stop());
  };
  if (at_once) end();
  else holder.timer = setTimeout(end, LINGER_MS);
}

// Ties a box to the choice whether a person sees the camera as a mirror. Frames are never mirrored.
function tieMirror(box, video) {
  const show = () => video.classList.toggle("mirrored", box.checked);
  box.checked = holder.choices.mirrored;
  box.onchange = () => {
    holder.choices.mirrored = box.checked;
    show();
  };
  show();
}

// button: what the button is called that tries it again.
function whyNoCamera(error, button) {
  const port = location.port || 80;
  const here = `http://localhost:${port}`;
  const values = { button, port, here, host: location.hostname, address: `${location.protocol}//${location.host}`, reason: error.name };
  const sentences = {
    InsecureError: says.insecure,
    UnsupportedError: says.unsupported,
    NotAllowedError: `${says.refused} ${whereToAllow(error)} ${says.thenPress}`,
    NotFoundError: says.none,
    OverconstrainedError: says.unfit,
    NotReadableError: says.inUse,
  };
  sentences.AbortError = sentences.NotReadableError;
  sentences.SecurityError = sentences.NotAllowedError;
  return fill(`${sentences[error.name] ?? says.unopened} ${says.instead}`, values);
}

function whereToAllow(error) {
  const browser = navigator.userAgent;
  if (/system/i.test(error.message)) return says.bySystem;
  if (/Mobi|Android/.test(browser)) return says.onPhone;
  if (/Firefox/.test(browser)) return says.inFirefox;
  if (/Edg/.test(browser)) return says.inEdge;
  if (/Chrome/.test(browser)) return says.inChrome;
  return says.inSafari;
}

// The middle square of the camera's picture, never mirrored: as the network sees it.
function squareOf(video, canvas, most) {
  const cut = Math.min(video.videoWidth, video.videoHeight);
  const side = Math.min(cut, most);
  canvas.width = canvas.height = side;
  const from = [(video.videoWidth - cut) / 2, (video.videoHeight - cut) / 2];
  canvas.getContext("2d").drawImage(video, ...from, cut, cut, 0, 0, side, side);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.92));
}

// An upload of frames, which goes on in batches while further ones are taken. ``error`` is what went wrong first.
class FrameUpload {
  constructor(url, token, most) {
    this.at = `${url}/${token}`;
    this.stamp = new Date().toISOString().replace(/[-:]|\..*/g, "").replace("T", "-");
    Object.assign(this, { count: 0, waiting: [], sent: 0, bytes: 0, error: null, steps: Promise.resolve() });
    this.step(() => send(`${this.at}/begin`, JSON.stringify({ total: most, bytes: most * FRAME_BYTES, at_most: true })));
  }

  // frame: a JPEG or the promise of one.
  add(frame) {
    this.count += 1;
    this.waiting.push(frame);
    if (this.waiting.length === BATCH) this.flush();
  }

  async end() {
    this.flush();
    await this.steps;
    if (this.error) throw this.error;
    await send(`${this.at}/end`, JSON.stringify({ total: this.sent, bytes: this.bytes }));
  }

  cancel() {
    this.error ??= new Error("cancelled");
    send(`${this.at}/cancel`, "").catch(() => {});
  }

  flush() {
    const some = this.waiting;
    this.waiting = [];
    this.step(async () => this.transfer((await Promise.all(some)).filter(Boolean)));
  }

  step(work) {
    this.steps = this.steps.then(() => this.error || work()).catch((error) => (this.error ??= error));
  }

  async transfer(frames) {
    if (!frames.length) return;
    const body = new FormData();
    const name = (_, index) => `camera-${this.stamp}-${String(this.sent + index + 1).padStart(4, "0")}.jpg`;
    body.append("names", JSON.stringify(frames.map(name)));
    frames.forEach((frame, index) => body.append("file", frame, String(index)));
    await send(`${this.at}/files?first=${this.sent}`, body);
    this.sent += frames.length;
    this.bytes += frames.reduce((sum, frame) => sum + frame.size, 0);
  }
}

async function send(url, body, signal) {
  const pair = document.cookie.split("; ").find((each) => each.startsWith("_streamlit_xsrf="));
  const headers = { "x-xsrftoken": pair ? decodeURIComponent(pair.slice("_streamlit_xsrf=".length)) : "" };
  let response;
  try {
    response = await fetch(url, { method: "POST", body, headers, signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error(says.silent);
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? fill(says.failed, { status: response.status }));
  return answer;
}
