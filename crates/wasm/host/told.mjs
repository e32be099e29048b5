// Writes to a pipe whose reader may be behind.

import { writeSync } from 'node:fs';

/** @param {string} text to stdout, to its end */
export function told(text) {
  const out = Buffer.from(text);
  for (let at = 0; at < out.length; ) {
    try {
      at += writeSync(1, out, at);
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}
