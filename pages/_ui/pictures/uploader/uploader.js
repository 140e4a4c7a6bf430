// Sends chosen or dropped files to the upload route in batches, then tells Python that all of them lie on the disk.
const ARCHIVE = /\.(zip|tm|tar|tgz|tbz2|txz|7z|rar|gz|bz2|xz|zst)$/i;
const ARCHIVES = ".zip,.tm,.tar,.tgz,.gz,.tbz2,.bz2,.txz,.xz";
const BATCH_FILES = 100;
const BATCH_BYTES = 16 * 2 ** 20;
const STREAM_BYTES = 8 * 2 ** 20; // a file from this size on goes alone, as a raw stream
const SILENCE_MS = 120_000;
const CANCEL_MS = 5_000;

const instances = new WeakMap();

export default function (component) {
  const { parentElement, data, setTriggerValue } = component;
  let instance = instances.get(parentElement);
  if (!instance) {
    instance = build(parentElement);
    instances.set(parentElement, instance);
  }
  Object.assign(instance, { data, setTriggerValue });
  word(parentElement, data.words);
  offer(instance, data);
  if (data.cards && !instance.forget) watchPage(instance);
  return () => setTimeout(() => instance.zone.isConnected || leave(instance), 0);
}

function leave(me) {
  me.abort?.abort();
  me.forget?.();
  me.forget = null;
}

function build(root) {
  const find = (selector) => root.querySelector(selector);
  const me = { zone: find(".zone"), find, abort: null };
  for (const kind of ["folder", "files"]) {
    const input = find(`input.${kind}`);
    find(`[data-choose=${kind}]`).onclick = () => input.click();
    input.onchange = () => {
      const entries = [...input.files].map((file) => ({ file, name: file.webkitRelativePath || file.name }));
      input.value = "";
      send(me, entries);
    };
  }
  find(".cancel").onclick = () => me.abort?.abort();
  listenForDrops(me);
  me.zone.setAttribute("aria-busy", "false");
  return me;
}

function offer(me, { archives, folders, accept, cards }) {
  me.quiet = Boolean(cards?.quiet);
  if (me.quiet) show(me, Boolean(me.abort));
  me.find("[data-choose=folder]").style.display = folders ? "" : "none";
  me.find("input.files").accept = archives ? `${accept},${ARCHIVES}` : accept;
}

function listenForDrops(me) {
  let depth = 0;
  const over = (step) => {
    depth = Math.max(0, depth + step);
    me.zone.classList.toggle("over", depth > 0 && !me.abort);
  };
  me.zone.ondragenter = (event) => (event.preventDefault(), over(1));
  me.zone.ondragleave = () => over(-1);
  me.zone.ondragover = (event) => event.preventDefault();
  me.zone.ondrop = async (event) => {
    event.preventDefault();
    over(-depth);
    if (me.abort) return;
    await taken(me, event, me.data.token);
  };
}

// What is dropped on a card goes where the card says; beside the cards, and beside other places for files, to the page.
function watchPage(me) {
  const found = () => [...document.querySelectorAll(`[class*="${me.data.cards.mark}"]`)].slice(0, me.data.cards.tokens.length);
  const beside = (event) => !event.defaultPrevented && event.dataTransfer?.types.includes("Files") && !event.target.closest?.("[role=dialog]");
  const light = (at) => found().forEach((card, place) => (card.style.outline = place === at ? "3px solid Highlight" : ""));
  const under = (event) => found().findIndex((card) => card.contains(event.target));
  const over = (event) => {
    if (!beside(event)) return light(-1);
    event.preventDefault();
    light(under(event));
  };
  const out = (event) => event.relatedTarget || light(-1);
  const drop = async (event) => {
    light(-1);
    if (!beside(event)) return;
    event.preventDefault();
    if (!me.abort) await taken(me, event, me.data.cards.tokens[under(event)] ?? me.data.token);
  };
  const heard = { dragover: over, dragleave: out, drop };
  for (const [kind, hear] of Object.entries(heard)) document.addEventListener(kind, hear);
  me.forget = () => Object.entries(heard).forEach(([kind, hear]) => document.removeEventListener(kind, hear));
}

async function taken(me, event, token) {
  // The list of items is emptied when this handler first waits, so the entries are taken at once.
  const roots = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  try {
    say(me, "");
    await send(me, await filesBelow(roots), token);
  } catch (error) {
    say(me, fill(me.data.words.unread, { reason: error.name }));
  }
}

async function filesBelow(roots) {
  const found = [];
  const waiting = [...roots];
  while (waiting.length) {
    const entry = waiting.pop();
    if (entry.isFile) {
      const file = await new Promise((done, failed) => entry.file(done, failed));
      found.push({ file, name: entry.fullPath.replace(/^\//, "") });
    } else {
      const reader = entry.createReader();
      for (;;) {
        const some = await new Promise((done, failed) => reader.readEntries(done, failed));
        if (!some.length) break;
        waiting.push(...some);
      }
    }
  }
  return found;
}

async function send(me, entries, token = me.data.token) {
  if (me.abort) return; // one upload at a time
  me.token = token;
  const { words } = me.data;
  if (!entries.length) return say(me, words.empty);
  const archives = entries.filter((entry) => ARCHIVE.test(entry.name) && !entry.name.includes("/"));
  if (archives.length && !me.data.archives) return say(me, words.noArchive);
  if (archives.length && entries.length > 1) return say(me, words.oneArchive);
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  me.abort = new AbortController();
  show(me, true);
  try {
    await transfer(me, entries);
    me.setTriggerValue("uploaded", me.token);
  } catch (error) {
    await post(me, "cancel", "", { signal: AbortSignal.timeout(CANCEL_MS) }).catch(() => {});
    say(me, error.name === "AbortError" ? words.cancelled : error.message);
  } finally {
    me.abort = null;
    show(me, false);
  }
}

async function transfer(me, entries) {
  const bytes = entries.reduce((sum, entry) => sum + entry.file.size, 0);
  const progress = (done, sent) => draw(me, done, entries.length, sent, bytes);
  say(me, "");
  progress(0, 0);
  await post(me, "begin", JSON.stringify({ total: entries.length, bytes }));
  let done = 0;
  let sent = 0;
  for (const batch of batches(entries)) {
    const size = batch.reduce((sum, entry) => sum + entry.file.size, 0);
    const alone = size >= STREAM_BYTES && batch.length === 1;
    const headers = alone ? { "x-file-name": encodeURIComponent(batch[0].name) } : {};
    const body = alone ? batch[0].file : form(batch);
    const onPart = (part) => progress(done, sent + Math.min(part, size));
    await post(me, `${alone ? "stream" : "files"}?first=${done}`, body, { headers, onPart });
    done += batch.length;
    sent += size;
    progress(done, sent);
  }
  await post(me, "end", "");
}

function* batches(entries) {
  let batch = [];
  let size = 0;
  for (const entry of entries) {
    const full = batch.length >= BATCH_FILES || size + entry.file.size > BATCH_BYTES;
    if (batch.length && (full || entry.file.size >= STREAM_BYTES)) {
      yield batch;
      [batch, size] = [[], 0];
    }
    batch.push(entry);
    size += entry.file.size;
    if (entry.file.size >= STREAM_BYTES) {
      yield batch;
      [batch, size] = [[], 0];
    }
  }
  if (batch.length) yield batch;
}

function form(batch) {
  const body = new FormData();
  body.append("names", JSON.stringify(batch.map((entry) => entry.name)));
  batch.forEach((entry, index) => body.append("file", entry.file, String(index)));
  return body;
}

// XMLHttpRequest, because fetch does not tell how much of a big file has been sent.
function post(me, path, body, { headers = {}, onPart = () => {}, signal = me.abort.signal } = {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let timer;
    const alive = () => {
      clearTimeout(timer);
      timer = setTimeout(() => request.abort(), SILENCE_MS);
    };
    const cancel = () => request.abort();
    request.open("POST", `${me.data.url}/${me.token}/${path}`);
    request.setRequestHeader("x-xsrftoken", cookie("_streamlit_xsrf"));
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => (alive(), onPart(event.loaded));
    request.onload = () => (request.status === 200 ? resolve() : reject(new Error(sentence(me, request))));
    request.onerror = () => reject(new Error(me.data.words.cut));
    request.onabort = () => reject(signal.aborted ? new DOMException("", "AbortError") : new Error(me.data.words.silent));
    request.onloadend = () => (clearTimeout(timer), signal.removeEventListener("abort", cancel));
    signal.addEventListener("abort", cancel);
    if (signal.aborted) return reject(new DOMException("", "AbortError"));
    alive();
    request.send(body);
  });
}

function sentence(me, request) {
  try {
    return JSON.parse(request.responseText).error;
  } catch {
    return fill(me.data.words.failed, { status: request.status });
  }
}

function draw(me, done, total, sent, bytes) {
  const hundredths = Math.floor((100 * (bytes ? sent : done)) / (bytes || total));
  const values = { some: counted(done), every: counted(total), percent: percent(hundredths / 100) };
  const text = fill(me.data.words.sent, values);
  const bar = me.find(".bar");
  bar.setAttribute("aria-valuenow", hundredths);
  bar.setAttribute("aria-valuetext", text);
  me.find(".fill").style.width = `${hundredths}%`;
  me.find(".progress-text").textContent = text;
}

function show(me, busy) {
  me.find(".idle").hidden = busy;
  me.find(".busy").hidden = !busy;
  if (me.quiet) quieten(me);
}

// Where only drops on the page are taken, there is nothing to see but how far they are, and what went wrong.
function quieten(me) {
  me.find(".idle").hidden = true;
  me.zone.hidden = me.find(".busy").hidden && me.find(".message").hidden;
}

function say(me, text) {
  const message = me.find(".message");
  message.textContent = text;
  message.hidden = !text;
  if (me.quiet) quieten(me);
}

function cookie(name) {
  const pair = document.cookie.split("; ").find((each) => each.startsWith(`${name}=`));
  return pair ? decodeURIComponent(pair.slice(name.length + 1)) : "";
}
