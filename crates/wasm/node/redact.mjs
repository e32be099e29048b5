// Runs the module for `cargo xtask bench wasm`: a line of JSON with key and policy, then a line for
// each record come in; the seconds that redaction took, then a line for each answer go out.

import { readFileSync, writeSync } from 'node:fs';

const [head, ...lines] = readFileSync(0, 'utf8').split('\n').filter((line) => line !== '');
const { key, policy } = JSON.parse(head);
const records = lines.map((line) => JSON.parse(line));

// Nothing is imported: a module that wants something of its host does not start.
const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]), {});
const m = instance.exports;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function put(bytes) {
  const address = m.cordon_input(bytes.length);
  if (address === 0) throw new Error('the input is too large');
  new Uint8Array(m.memory.buffer, address, bytes.length).set(bytes);
}

function taken(address, length) {
  return decoder.decode(new Uint8Array(m.memory.buffer, address, length));
}

const report = () => taken(m.cordon_report(), m.cordon_report_bytes());

if (m.cordon_abi() !== 1) throw new Error('the module has another ABI');
put(new Uint8Array([...key, ...encoder.encode(policy)]));
const engine = m.cordon_open(key.length);
if (engine < 1) throw new Error(`no engine: ${report()}`);

const answers = [];
const started = performance.now();
for (const { format, text } of records) {
  put(encoder.encode(text));
  const status = m.cordon_redact(engine, format);
  if (status !== 0) throw new Error(`no answer: ${status}`);
  answers.push({ clean: taken(m.cordon_output(), m.cordon_output_bytes()), report: report() });
}
const seconds = (performance.now() - started) / 1000;
m.cordon_clear();
if (m.cordon_close(engine) !== 0) throw new Error('the engine is not closed');

const out = Buffer.from(
  [String(seconds), ...answers.map((answer) => JSON.stringify(answer)), ''].join('\n'),
);
for (let at = 0; at < out.length; ) {
  try {
    at += writeSync(1, out, at);
  } catch (error) {
    if (error.code !== 'EAGAIN') throw error; // the reader is behind
  }
}
