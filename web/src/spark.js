// @ts-check
// Counts over time as a small drawing.

/**
 * As many or fewer buckets, of the same sum.
 * @param {number[]} counts
 * @param {number} wanted
 */
export function rebucket(counts, wanted) {
  if (counts.length <= wanted) return counts.slice();
  const out = new Array(wanted).fill(0);
  counts.forEach((count, at) => {
    out[Math.floor((at * wanted) / counts.length)] += count;
  });
  return out;
}

/**
 * Bars as one path: a count above zero is seen, however small it is beside the largest.
 * @param {number[]} counts
 * @param {number} width
 * @param {number} height
 */
export function bars(counts, width, height) {
  const most = Math.max(1, ...counts);
  const step = width / Math.max(1, counts.length);
  const thick = Math.max(1, step - 1);
  return counts
    .map((count, at) => {
      if (!(count > 0)) return '';
      const tall = Math.max(1.5, (count / most) * height);
      const [x, y] = [(at * step).toFixed(1), (height - tall).toFixed(1)];
      return `M${x} ${y}h${thick.toFixed(1)}V${height}h${(-thick).toFixed(1)}z`;
    })
    .join('');
}

/** What a drawing shows, for those who do not see it. @param {number[]} counts */
export function spoken(counts) {
  const sum = counts.reduce((a, b) => a + b, 0);
  const peak = counts.indexOf(Math.max(...counts));
  const part = counts.length > 1 ? Math.round((peak / (counts.length - 1)) * 100) : 0;
  return sum === 0 ? 'none' : `${sum} over the time shown, most at ${part} % of it`;
}
