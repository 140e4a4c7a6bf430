// What a person sees and does.
"use strict";

const MOST_BARS = 5, MOST_PICTURES = 60;
const part = (id) => document.getElementById(id);
const shown = { stream: null, facing: "environment", spoken: "", busy: 0, current: null };

/** Return a probability in whole per cent; what is not certain does not read as certain. */
function percent(probability) {
  if (probability > 0 && probability < 0.005) return "<1%";
  return probability >= 0.995 && probability < 1 ? ">99%" : `${Math.round(100 * probability)}%`;
}

function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

function fill() {
  part("title").textContent = about.title;
  part("sentence").textContent = about.sentence;
  part("sentence").hidden = !about.sentence;
  part("accuracy").textContent = about.accuracy;
  part("facts").replaceChildren(...about.facts.map((fact) => element("li", "", fact)));
  part("view").classList.add("empty");
}

function say(text, problem = false) {
  part("status").textContent = text;
  part("status").hidden = !text;
  part("status").classList.toggle("problem", problem);
  if (problem) speak(text);
}

/** Let a screen reader say something, once. */
function speak(text) {
  if (text === shown.spoken) return;
  shown.spoken = text;
  part("spoken").textContent = text;
}

function best(result) {
  return result.probabilities.indexOf(Math.max(...result.probabilities));
}

function inShort(result) {
  const at = best(result);
  return result.refused ? "None of these" : `${about.classes[at]}, ${percent(result.probabilities[at])}`;
}

function showResult(result) {
  const order = result.probabilities.map((_, at) => at).sort((a, b) => result.probabilities[b] - result.probabilities[a]);
  part("answer").textContent = result.refused ? "None of these" : about.classes[order[0]];
  part("answer").classList.toggle("none", result.refused);
  part("reason").textContent = "This picture is not like those that the model has learned from.";
  part("reason").hidden = !result.refused;
  part("bars").classList.toggle("refused", result.refused);
  part("bars").replaceChildren(...order.slice(0, MOST_BARS).map((at) => bar(about.classes[at], result.probabilities[at])));
  if (order.length > MOST_BARS) part("bars").append(element("li", "", `and ${order.length - MOST_BARS} more classes`));
  part("took").textContent = `${Math.round(result.milliseconds)} ms on this device`;
  say("");
  speak(inShort(result));
}

function bar(name, probability) {
  const row = element("li", ""), line = element("div", "line"), track = element("div", "track"), filled = element("div", "bar");
  const label = element("span", "name", name);
  label.dir = "auto";
  line.append(label, element("span", "share", percent(probability)));
  filled.style.width = `${100 * probability}%`;
  track.append(filled);
  row.append(line, track);
  return row;
}

function clearResult() {
  part("answer").textContent = part("took").textContent = "";
  part("reason").hidden = true;
  part("bars").replaceChildren();
}

/** Answer for files, one after the other, and list them where there are several. */
async function take(files) {
  const pictures = [...files];
  if (!pictures.length) return;
  stopCamera();
  const turn = ++shown.busy;
  const all = pictures.slice(0, MOST_PICTURES).map((file) => ({ file, address: URL.createObjectURL(file), result: null }));
  list(all.length > 1 ? all : []);
  for (const [at, each] of all.entries()) {
    if (turn !== shown.busy) return;
    if (all.length > 1) say(`Looking at picture ${at + 1} of ${all.length} …`);
    else say(thaw.seconds === null ? "Getting ready …" : "Looking …");
    await judge(each);
    if (turn !== shown.busy) return;
    caption(each);
    if (at === 0) show(each);
  }
  const left = pictures.length - all.length;
  if (shown.current) show(shown.current);
  if (left > 0) say(`These are the first ${MOST_PICTURES} pictures. Choose the other ${left} next.`);
}

async function judge(each) {
  try {
    each.result = await thaw.predict(each.file);
  } catch (problem) {
    await thaw.ready;
    each.problem = `This browser cannot read ${each.file.name || "this file"}. Choose a JPEG, PNG or WebP picture.`;
  }
}

function show(each) {
  shown.current = each;
  part("picture").src = each.problem ? "" : each.address;
  part("picture").alt = each.file.name || "Pasted picture";
  part("picture").hidden = Boolean(each.problem);
  part("hint").hidden = !each.problem;
  part("view").classList.toggle("empty", Boolean(each.problem));
  for (const button of part("strip").querySelectorAll("button")) button.setAttribute("aria-current", button === each.button);
  if (each.result) return showResult(each.result);
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
    picture.alt = each.file.name || "Picture";
    each.words = element("span", "", "…");
    each.words.dir = "auto";
    each.button.append(picture, each.words);
    each.button.onclick = () => (each.result || each.problem) && show(each);
    item.append(each.button);
    return item;
  }));
}

function caption(each) {
  if (each.words) each.words.textContent = each.result ? inShort(each.result) : "Cannot be read";
}

async function startCamera() {
  if (!navigator.mediaDevices?.getUserMedia) {
    return say("This browser gives the camera only to a page that is opened as a file or by https. Choose a picture.", true);
  }
  const turn = ++shown.busy;
  try {
    const wanted = { video: { facingMode: shown.facing, width: { ideal: 640 }, height: { ideal: 480 } } };
    const stream = await navigator.mediaDevices.getUserMedia(wanted);
    if (turn !== shown.busy) return stream.getTracks().forEach((track) => track.stop());
    shown.stream = stream;
  } catch (problem) {
    return say(`The camera does not start: ${problem.message}. Allow it, or choose a picture.`, true);
  }
  const video = part("video");
  list([]);
  video.srcObject = shown.stream;
  await video.play();
  part("picture").hidden = part("hint").hidden = true;
  part("view").classList.remove("empty");
  video.hidden = false;
  part("camera").textContent = "Stop the camera";
  const cameras = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === "videoinput");
  part("switch").hidden = cameras.length < 2;
  return watch(turn);
}

/** Answer for what the camera sees until it is stopped. */
async function watch(turn) {
  const video = part("video");
  await thaw.ready;
  while (turn === shown.busy && shown.stream) {
    const result = await answer(drawn(video, video.videoWidth, video.videoHeight));
    if (turn !== shown.busy) return;
    showResult(result);
    await new Promise(requestAnimationFrame);
  }
}

function stopCamera() {
  shown.busy++;
  shown.stream?.getTracks().forEach((track) => track.stop());
  shown.stream = null;
  part("video").hidden = part("switch").hidden = true;
  part("camera").textContent = "Start the camera";
  part("hint").hidden = !part("picture").hidden;
  part("view").classList.toggle("empty", part("picture").hidden);
}

function listen() {
  part("choose").onclick = () => part("files").click();
  part("files").onchange = () => {
    take(part("files").files);
    part("files").value = "";
  };
  part("camera").onclick = () => (shown.stream ? stopCamera() : startCamera());
  part("switch").onclick = () => {
    shown.facing = shown.facing === "user" ? "environment" : "user";
    stopCamera();
    startCamera();
  };
  document.addEventListener("paste", (event) => take([...event.clipboardData.files].filter((file) => file.type.startsWith("image/"))));
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    document.body.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => event.relatedTarget || document.body.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("over");
    take(event.dataTransfer.files);
  });
}

fill();
listen();
thaw.ready.then(
  () => shown.busy || say("Ready. Nothing leaves this device."),
  (problem) => say(`The model does not start. ${problem.message}`, true),
);
