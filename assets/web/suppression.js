// Non-maximum suppression: of boxes of a class that lie around one thing the surest stays. The app does the same.
"use strict";

/**
 * Return the boxes that a model gives, `[left, upper, right, lower, class, score]`, the surest first.
 *
 * `values` has, at each place, four edges and the score of each class. Boxes with a score below `least` are left out,
 * and those that overlap with a surer one by more than `overlap`; at most `most` stay.
 */
function suppressed(values, classes, { least, most, overlap }) {
  const width = 4 + classes, found = [];
  for (let number = 0; number < classes; number++) {
    let left = [];
    for (let at = 0; at < values.length; at += width) {
      const score = values[at + 4 + number];
      if (score >= least) left.push([...values.subarray(at, at + 4), number, score]);
    }
    left = left.sort((a, b) => b[5] - a[5]).slice(0, 10 * most);
    while (left.length) {
      const best = left[0];
      found.push(best);
      left = left.slice(1).filter((other) => shared(best, other) <= overlap);
    }
  }
  return found.sort((a, b) => b[5] - a[5]).slice(0, most);
}

/** Return the intersection of two boxes as a share of their union. */
function shared(one, other) {
  const area = ([left, upper, right, lower]) => (right - left) * (lower - upper);
  const across = Math.max(0, Math.min(one[2], other[2]) - Math.max(one[0], other[0]));
  const down = Math.max(0, Math.min(one[3], other[3]) - Math.max(one[1], other[1]));
  const union = area(one) + area(other) - across * down;
  return union > 0 ? (across * down) / union : 0;
}
