// What a person sees and does with pictures, and how the model takes them.
"use strict";

const MOST_PICTURES = 60;
// Browsers give live video to files, https and this machine, and to no page without an origin. See “Security” of
// https://developer.mozilla.org/docs/Web/API/MediaDevices/getUserMedia
const hasVideo = Boolean(navigator.mediaDevices?.getUserMedia) && (location.protocol === "file:" || origin !== "null");
/** A phone or tablet without live video: there a file input opens the camera app. */
const takesPhotos = !hasVideo && matchMedia("(any-pointer: coarse)").matches;
const shown = { turn: 0, all: [], current: null, stream: null, facing: "environment", device: null };

/** Return pixels that stand for no picture. */
function blank() {
  return tensorOf(new Uint8Array(about.size * about.size * 3).fill(128));
}

/** Return RGB values as the model takes them. */
function tensorOf(values) {
  return tf.tensor(Float32Array.from(values), [1, about.size, about.size, 3], "float32");
}

/** Return a picture, a file or its content in base64, as the model takes it. */
async function taken(picture) {
  const file = typeof picture === "string" ? new Blob([decoded(picture)]) : picture;
  const bitmap = await createImageBitmap(file);
  const pixels = drawn(bitmap, bitmap.width, bitmap.height);
  bitmap.close();
  return () => tensorOf(squashed(pixels, about.size));
}

function fill() {
  introduce();
  part("view").classList.add("empty");
  if (!takesPhotos) return;
  part("camera").textContent = said("take");
  part("hint").textContent = said("photo_hint");
}

/** Answer for files, one after the other, and list them where there are several. */
async function take(files) {
  const pictures = [...files];
  if (!pictures.length) return say(said("no_file"), true);
  stopCamera();
  const turn = shown.turn, left = pictures.length - MOST_PICTURES;
  shown.all.forEach((each) => URL.revokeObjectURL(each.address));
  shown.all = pictures.slice(0, MOST_PICTURES).map((file) => ({ file, address: URL.createObjectURL(file) }));
  shown.current = null;
  list(shown.all.length > 1 ? shown.all : []);
  for (const [at, each] of shown.all.entries()) {
    say(thaw.seconds === null ? said("waiting") : said("looking", { number: at + 1, every: shown.all.length }));
    await judge(each);
    if (turn !== shown.turn) return;
    caption(each);
    show(shown.current || each);
  }
  if (left > 0) say(said("first", { number: MOST_PICTURES, left }));
}

async function judge(each) {
  await thaw.ready;
  try {
    each.result = await thaw.predict(each.file);
  } catch (problem) {
    if (!(problem instanceof DOMException)) throw problem;
    each.problem = said("unreadable", { file: each.file.name || said("this_file") });
  }
}

function show(each) {
  shown.current = each;
  if (each.problem) part("picture").removeAttribute("src");
  else part("picture").src = each.address;
  part("picture").alt = each.file.name || said("pasted");
  part("picture").hidden = Boolean(each.problem);
  part("hint").hidden = !each.problem;
  part("view").classList.toggle("empty", Boolean(each.problem));
  for (const button of part("strip").querySelectorAll("button")) button.setAttribute("aria-current", button === each.button);
  if (each.result) {
    showResult(each.result);
    return speak(inShort(each.result));
  }
  clearResult();
  return say(each.problem, true);
}

function list(all) {
  part("strip").hidden = !all.length;
  part("strip").replaceChildren(...all.map((each) => {
    const item = document.createElement("li"), picture = document.createElement("img");
    each.button = element("button", "");
    each.button.type = "button";
    picture.src = each.address;
    picture.alt = each.file.name || said("picture");
    each.words = element("span", "", "…");
    each.words.dir = "auto";
    each.button.append(picture, each.words);
    each.button.onclick = () => (each.result || each.problem) && show(each);
    item.append(each.button);
    return item;
  }));
}

function caption(each) {
  if (each.words) each.words.textContent = each.result ? inShort(each.result) : said("unread");
}

async function startCamera() {
  if (!hasVideo) {
    return say(said("no_video"), true);
  }
  stopCamera();
  const turn = shown.turn, video = part("video");
  const which = shown.device ? { deviceId: { exact: shown.device } } : { facingMode: shown.facing };
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { ...which, width: { ideal: 640 }, height: { ideal: 480 } } });
    if (turn !== shown.turn) return stream.getTracks().forEach((track) => track.stop());
    shown.stream = video.srcObject = stream;
    stream.getVideoTracks()[0].onended = () => turn === shown.turn && stopCamera();
    await video.play();
  } catch (problem) {
    if (turn !== shown.turn) return null;
    stopCamera();
    return say(said("allow", { problem: problem.message }), true);
  }
  list([]);
  clearResult();
  part("picture").hidden = part("hint").hidden = true;
  part("view").classList.remove("empty");
  video.hidden = false;
  part("camera").textContent = said("stop");
  part("switch").hidden = (await cameras()).length < 2;
  return watch(turn);
}

async function cameras() {
  return (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === "videoinput");
}

/** Use the camera of the other side; where a computer does not know sides, the next one. */
async function switchCamera() {
  const { facingMode, deviceId } = shown.stream.getVideoTracks()[0].getSettings();
  if (facingMode) {
    shown.facing = facingMode === "user" ? "environment" : "user";
  } else {
    const ids = (await cameras()).map((device) => device.deviceId);
    shown.device = ids[(ids.indexOf(deviceId) + 1) % ids.length];
  }
  return startCamera();
}

/** Answer for what the camera sees until it is stopped; a screen reader says what stays for a second. */
async function watch(turn) {
  const video = part("video");
  let name = "", since = 0;
  await thaw.ready;
  while (turn === shown.turn) {
    const pixels = drawn(video, video.videoWidth, video.videoHeight);
    const result = await answer(() => tensorOf(squashed(pixels, about.size)));
    if (turn !== shown.turn) return;
    showResult(result);
    if (nameOf(result) !== name) [name, since] = [nameOf(result), performance.now()];
    else if (performance.now() - since > 1000) speak(name);
    await new Promise(requestAnimationFrame);
  }
}

/** Stop the camera, and whatever else was being looked at. */
function stopCamera() {
  shown.turn++;
  shown.stream?.getTracks().forEach((track) => track.stop());
  shown.stream = null;
  part("video").hidden = part("switch").hidden = true;
  part("camera").textContent = takesPhotos ? said("take") : said("start");
  part("hint").hidden = !part("picture").hidden;
  part("view").classList.toggle("empty", part("picture").hidden);
}

function listen() {
  part("choose").onclick = () => part("files").click();
  for (const input of [part("files"), part("photo")]) {
    input.onchange = () => {
      doing(take(input.files));
      input.value = "";
    };
  }
  part("camera").onclick = () => {
    if (takesPhotos) part("photo").click();
    else if (shown.stream) stopCamera();
    else doing(startCamera());
  };
  part("switch").onclick = () => doing(switchCamera());
  document.addEventListener("paste", (event) => {
    const pasted = [...event.clipboardData.files].filter((file) => file.type.startsWith("image/"));
    if (pasted.length) doing(take(pasted));
  });
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    document.body.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => event.relatedTarget || document.body.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("over");
    doing(take(event.dataTransfer.files));
  });
}

fill();
listen();
thaw.ready.then(
  () => shown.turn || say(said("ready")),
  (problem) => say(said("not_started", { problem: problem.message }), true),
);
