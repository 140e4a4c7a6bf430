// A picture as the network has seen all others: upright, on white, at most 1024 pixels, squashed to a square.
// The resize is that of Pillow, which the model was trained with: Image.resize(BILINEAR, reducing_gap=2).
"use strict";

const LONGEST = 1024;

/** Return the RGBA pixels of an image, a video frame or a canvas that is `width` x `height` pixels. */
function drawn(source, width, height) {
  const scale = Math.min(1, LONGEST / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

/** Return pixels as `size` x `size` RGB, each value a whole number from 0 to 255. */
function squashed(pixels, size) {
  const { data, width, height } = pixels;
  const across = Math.floor(width / size / 2) || 1, down = Math.floor(height / size / 2) || 1;
  const small = averaged(data, width, height, across, down);
  const wide = resized(small.values, small.width, small.height, taps(width / across, small.width, size));
  return resized(wide, small.height, size, taps(height / down, small.height, size));
}

/** Return RGB values, each the mean of a box of pixels. */
function averaged(data, width, height, across, down) {
  const columns = Math.ceil(width / across), rows = Math.ceil(height / down);
  const values = new Uint8Array(columns * rows * 3);
  for (let y = 0, at = 0; y < rows; y++) {
    const lines = Math.min(down, height - y * down);
    for (let x = 0; x < columns; x++) {
      const many = Math.min(across, width - x * across);
      let red = 0, green = 0, blue = 0;
      for (let j = 0; j < lines; j++) {
        let from = ((y * down + j) * width + x * across) * 4;
        for (let i = 0; i < many; i++, from += 4) {
          red += data[from]; green += data[from + 1]; blue += data[from + 2];
        }
      }
      const count = lines * many;
      values[at++] = red / count + 0.5; values[at++] = green / count + 0.5; values[at++] = blue / count + 0.5;
    }
  }
  return { values, width: columns, height: rows };
}

/** Return from which values each of `size` new ones is made, and with what weights: a triangle as wide as needed. */
function taps(extent, count, size) {
  const scale = extent / size, reach = Math.max(scale, 1), all = [];
  for (let to = 0; to < size; to++) {
    const centre = (to + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - reach + 0.5));
    const last = Math.min(count, Math.floor(centre + reach + 0.5));
    const weights = new Float64Array(last - first);
    let sum = 0;
    for (let i = 0; i < weights.length; i++) {
      weights[i] = Math.max(0, 1 - Math.abs((i + first - centre + 0.5) / reach));
      sum += weights[i];
    }
    all.push({ first, weights: weights.map((weight) => weight / sum) });
  }
  return all;
}

/** Return RGB values resized across, and turned: two of these resize both ways and turn back. */
function resized(values, width, height, across) {
  const size = across.length, turned = new Uint8Array(size * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < size; x++) {
      const { first, weights } = across[x];
      let red = 0.5, green = 0.5, blue = 0.5, from = (y * width + first) * 3;
      for (let i = 0; i < weights.length; i++, from += 3) {
        red += weights[i] * values[from]; green += weights[i] * values[from + 1]; blue += weights[i] * values[from + 2];
      }
      const at = (x * height + y) * 3;
      turned[at] = red; turned[at + 1] = green; turned[at + 2] = blue;
    }
  }
  return turned;
}
