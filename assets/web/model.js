// The model that is in this page, and TensorFlow.js to run it: `window.thaw` answers.
"use strict";

const about = JSON.parse(document.getElementById("about").textContent);
const words = JSON.parse(document.getElementById("words").textContent);

/** Return one of the page's texts, with its braces filled in. */
function said(key, values = {}) {
  return words[key].replace(/\{(\w+)\}/g, (place, name) => String(values[name]));
}
const NEAREST = 5;

/** Return the bytes of base64. */
function decoded(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64);
  const text = atob(base64), bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Return the bytes that a script element holds, gzip in base64. */
async function unpacked(id) {
  const bytes = decoded(document.getElementById(id).textContent);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Return an address for bytes that were unpacked. */
async function addressOf(bytes, type) {
  return URL.createObjectURL(new Blob([await bytes], { type }));
}

async function run(bytes) {
  const script = document.createElement("script");
  script.src = await addressOf(bytes, "text/javascript");
  await new Promise((done, failed) => {
    script.onload = done;
    script.onerror = () => failed(new Error(said("no_scripts")));
    document.head.append(script);
  });
}

/** Return the model, once it has answered for nothing: the first answer takes longer than all others. */
async function loaded() {
  if (!("DecompressionStream" in window)) throw new Error(said("too_old"));
  const parts = {};
  for (const id of ["runtime", "wasm", "weights", "description", "known"]) parts[id] = unpacked(id);
  await run(parts.runtime);
  const wasm = await addressOf(parts.wasm, "application/wasm");
  tf.wasm.setWasmPaths({
    "tfjs-backend-wasm.wasm": wasm, "tfjs-backend-wasm-simd.wasm": wasm, "tfjs-backend-wasm-threaded-simd.wasm": wasm,
  });
  // Never WebGL: without a graphics card it is ten times slower.
  if (!(await tf.setBackend("wasm"))) throw new Error(said("too_old"));
  const description = JSON.parse(new TextDecoder().decode(await parts.description));
  const model = await tf.loadGraphModel(tf.io.fromMemory({
    modelTopology: description.modelTopology,
    weightSpecs: description.weightsManifest[0].weights,
    weightData: (await parts.weights).buffer,
    format: description.format,
    signature: description.signature,
  }));
  const known = about.refuses ? unitRows(new Int8Array((await parts.known).buffer)) : [];
  await outputs(model, await blank());
  return { model, known };
}

/** Run the network on a tensor, which goes: probabilities, and features where the page refuses. */
async function outputs(model, tensor) {
  const names = about.refuses ? ["probabilities", "features"] : ["probabilities"];
  const results = [].concat(model.execute({ [about.input]: tensor }, names));
  const [probabilities, features] = await Promise.all(results.map((result) => result.data()));
  tf.dispose([tensor, ...results]);
  return { probabilities, features };
}

/** Return the features of the training pictures, each row with its length. */
function unitRows(values) {
  const rows = [];
  for (let at = 0; at < values.length; at += about.features) {
    const row = values.subarray(at, at + about.features);
    rows.push({ row, length: Math.sqrt(row.reduce((sum, value) => sum + value * value, 0)) || 1 });
  }
  return rows;
}

/** Return how familiar a picture is, at most 1: near to training pictures, and answered with confidence. */
function familiarity(known, features, probabilities) {
  const length = Math.sqrt(features.reduce((sum, value) => sum + value * value, 0)) || 1;
  const near = known.map(({ row, length: own }) => {
    let sum = 0;
    for (let i = 0; i < row.length; i++) sum += row[i] * features[i];
    return sum / own / length;
  });
  const best = near.sort((a, b) => b - a).slice(0, NEAREST);
  const mean = best.reduce((sum, value) => sum + value, 0) / best.length;
  return mean * Math.sqrt(Math.max(...probabilities));
}

/** Return the answer for what a function makes a tensor of, see `thaw.predict`. */
async function answer(made) {
  const began = performance.now();
  const { model, known } = await thaw.ready;
  const result = understood(await outputs(model, made()), known);
  return { ...result, milliseconds: performance.now() - began };
}

window.thaw = {
  /** Resolves when the model is ready; `thaw.seconds` says after how many seconds that was. */
  ready: loaded().then((all) => {
    thaw.seconds = performance.now() / 1000;
    return all;
  }),
  seconds: null,
  classes: about.classes,
  /**
   * Return what the model says of a picture, a file or its content in base64; or of a text.
   *
   * @param {Blob|string} example
   * @returns {Promise<{probabilities: number[], familiarity: ?number, refused: boolean, milliseconds: number}>}
   *     Of a model for boxes: `{ found, milliseconds }`, each box its four edges, class and score, the surest first.
   */
  async predict(example) {
    await thaw.ready;
    return answer(await taken(example));
  },
};
