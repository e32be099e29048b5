// @ts-check
// Text as people see it: places in UTF-8 and UTF-16, signs that hide, sizes in words.

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** @param {string} text */
export const encode = (text) => encoder.encode(text);
/** @param {Uint8Array} bytes */
export const decode = (bytes) => decoder.decode(bytes);

/**
 * Bytes of UTF-8 of a code point.
 * @param {number} point
 */
const width = (point) => (point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4);

/**
 * Places in UTF-8 as places in the string, in one pass. A place inside a character is that
 * character's beginning; one behind the end is the end.
 * @param {string} text
 * @param {number[]} offsets rising
 */
export function toUnits(text, offsets) {
  const units = [];
  let byte = 0;
  let unit = 0;
  for (const offset of offsets) {
    while (unit < text.length) {
      const point = text.codePointAt(unit) ?? 0;
      if (byte + width(point) > offset) break;
      byte += width(point);
      unit += point > 0xffff ? 2 : 1;
    }
    units.push(unit);
  }
  return units;
}

/**
 * A place in the string as a place in UTF-8.
 * @param {string} text
 * @param {number} unit
 */
export function toBytes(text, unit) {
  let bytes = 0;
  for (let at = 0; at < Math.min(unit, text.length); ) {
    const point = text.codePointAt(at) ?? 0;
    bytes += width(point);
    at += point > 0xffff ? 2 : 1;
  }
  return bytes;
}

/**
 * Cuts a piece of UTF-8 at the beginnings of characters.
 * @param {Uint8Array} bytes
 */
export function wholeCharacters(bytes) {
  let from = 0;
  while (from < Math.min(3, bytes.length) && ((bytes[from] ?? 0) & 0xc0) === 0x80) from += 1;
  let last = bytes.length - 1;
  while (last > bytes.length - 4 && last >= from && ((bytes[last] ?? 0) & 0xc0) === 0x80) last -= 1;
  const lead = bytes[last] ?? 0;
  const wanted = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  const to = last >= from && last + wanted > bytes.length ? last : bytes.length;
  return { from, to };
}

// Signs that change how text looks or say nothing to the eye: C0 but tab, DEL, C1, soft hyphen,
// zero widths, directions and isolates, separators, variation selectors, fillers, BOM.
const HIDDEN = new RegExp(
  '[\\u0000-\\u0008\\u000a-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5' +
    '\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0' +
    '\\ufff9-\\ufffb]',
  'g',
);

/** Places of hidden signs: each is one unit of UTF-16. @param {string} text */
export function hidden(text) {
  return [...text.matchAll(HIDDEN)].map((match) => match.index);
}

/**
 * Text with hidden signs made visible, of the same length in UTF-16.
 * @param {string} text
 */
export function visible(text) {
  return text.replace(HIDDEN, (sign) => {
    const code = sign.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? '\u2421' : '\u25af';
  });
}

/** `U+202E` of a sign. @param {string} sign */
export function codeName(sign) {
  return `U+${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

const UNITS = ['bytes', 'kB', 'MB', 'GB'];

/** @param {number} bytes */
export function size(bytes) {
  let unit = 0;
  let value = bytes;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  if (unit === 0) return bytes === 1 ? '1 byte' : `${bytes} bytes`;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}

/** 1234567 as `1,234,567`. @param {number} count */
export const number = (count) => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

/**
 * `1 line`, `2 lines`.
 * @param {number} count
 * @param {string} one
 * @param {string} [many]
 */
export const counted = (count, one, many = `${one}s`) =>
  `${number(count)} ${count === 1 ? one : many}`;

/**
 * The shape of a value: its letters as `a` and `A`, its digits as `0`.
 * @param {string} value
 */
export function shape(value) {
  return value
    .replace(/\p{Lu}/gu, 'A')
    .replace(/\p{L}/gu, (letter) => (letter === 'A' ? 'A' : 'a'))
    .replace(/\p{N}/gu, '0');
}

/** @param {Uint8Array} bytes */
export function toBase64(bytes) {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(binary);
}

/** @param {string} text @returns {Uint8Array<ArrayBuffer>} */
export function fromBase64(text) {
  const standard = text.replace(/-/g, '+').replace(/_/g, '/');
  return Uint8Array.from(atob(standard), (sign) => sign.charCodeAt(0));
}

/** For an address: no padding, no `+` and `/`. @param {Uint8Array} bytes */
export const toBase64Url = (bytes) =>
  toBase64(bytes).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
