// Weighs what the server gives a page, as gzip -9, without the module: at most 60,000 bytes.
//
//   node web/size.mjs

import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const PAGE_BYTES_MAX = 60_000;
const web = new URL('./', import.meta.url);

/** Files that are served, but the module. */
export function served() {
  const here = readdirSync(web).filter((name) => /\.(js|css|html|svg)$/.test(name));
  return [...here, 'vendor/preact.js'];
}

/** @returns {[string, number][]} each file and its bytes as gzip */
export function weigh() {
  return served().map((name) => [name, gzipSync(readFileSync(new URL(name, web)), { level: 9 }).length]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const weights = weigh().sort((a, b) => b[1] - a[1]);
  for (const [name, bytes] of weights) console.log(String(bytes).padStart(7), name);
  const sum = weights.reduce((all, [, bytes]) => all + bytes, 0);
  console.log(String(sum).padStart(7), `of ${PAGE_BYTES_MAX}`);
  process.exitCode = sum > PAGE_BYTES_MAX ? 1 : 0;
}
