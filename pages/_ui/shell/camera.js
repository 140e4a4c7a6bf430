// The camera of this page, which several components take turns with, and sentences for when there is none.
const LINGER_MS = 1200; // long enough for the next component of the same page to take it over, else its light goes off

const holder = (window.thawCamera ??= { stream: null, users: new Set(), timer: 0 });

async function openCamera(user) {
  if (!window.isSecureContext || !navigator.mediaDevices) throw new DOMException("", "InsecureError");
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

function whyNoCamera(error) {
  const instead = "Or choose pictures instead.";
  const sentences = {
    InsecureError: `Browsers give the camera only to a page that comes by https or from this machine, and this one came by ${location.protocol}//${location.hostname}. Open Thaw on the machine that it runs on, at http://localhost:${location.port || 80}, or put a server with https in front of it. ${instead}`,
    NotAllowedError: `The camera was refused. Allow it for this page, then press “Try again”: in Chrome, Edge and Firefox by the symbol at the left of the address, in Safari by Settings, Websites, Camera. ${instead}`,
    NotFoundError: `No camera was found. Connect one, then press “Try again”. ${instead}`,
    OverconstrainedError: `No camera was found that can do this. Connect another, then press “Try again”. ${instead}`,
    NotReadableError: `The camera is in use. Close the other program or tab that uses it, then press “Try again”. ${instead}`,
  };
  sentences.AbortError = sentences.NotReadableError;
  sentences.SecurityError = sentences.NotAllowedError;
  return sentences[error.name] ?? `The camera could not be opened (${error.name}). Press “Try again”. ${instead}`;
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

async function send(url, body, signal) {
  const pair = document.cookie.split("; ").find((each) => each.startsWith("_streamlit_xsrf="));
  const headers = { "x-xsrftoken": pair ? decodeURIComponent(pair.slice("_streamlit_xsrf=".length)) : "" };
  let response;
  try {
    response = await fetch(url, { method: "POST", body, headers, signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error("The server did not answer. Look whether Thaw still runs, then try again.");
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error ?? `The server had a problem (${response.status}). Try again.`);
  return answer;
}
