// Runs the module for `cargo xtask bench wasm`: a line of JSON with key, policy and bytes of a piece,
// then a line for each record come in; the seconds that redaction took and those before it
// could begin, then a line for each answer
// go out. With bytes of a piece, the records are lines of one source that is pushed so into a room,
// and what the room tells is the last answer. Arguments: the module, the pack of names.

import { readFileSync, writeSync } from 'node:fs';

const [head, ...lines] = readFileSync(0, 'utf8').split('\n').filter((line) => line !== '');
const { key, policy, piece } = JSON.parse(head);
const records = lines.map((line) => JSON.parse(line));

// Nothing is imported: a module that wants something of its host does not start.
// The engine is packed in a module that unpacks it.
const loaded = performance.now();
const outer = (await WebAssembly.instantiate(readFileSync(process.argv[2]), {})).instance.exports;
const at = outer.cordon_unpack();
if (at === 0) throw new Error('the module is not whole');
const engineBytes = new Uint8Array(outer.memory.buffer, at, outer.cordon_unpacked_bytes());
const { instance } = await WebAssembly.instantiate(engineBytes, {});
const m = instance.exports;
const loading = (performance.now() - loaded) / 1000;
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

if (m.cordon_abi() !== 2) throw new Error('the module has another ABI');
put(new Uint8Array([...key, ...encoder.encode(policy)]));
const opening = performance.now();
const engine = m.cordon_open(key.length);
if (engine < 1) throw new Error(`no engine: ${report()}`);

const ready = loading + (performance.now() - opening) / 1000;

put(readFileSync(process.argv[3]));
if (m.cordon_names(engine) !== 0) throw new Error(`no names: ${report()}`);

const answers = [];
function answer(status) {
  if (status !== 0) throw new Error(`no answer: ${status} ${report()}`);
  answers.push({ clean: taken(m.cordon_output(), m.cordon_output_bytes()), report: report() });
}

const started = performance.now();
if (piece === undefined) {
  for (const { format, text } of records) {
    put(encoder.encode(text));
    answer(m.cordon_redact(engine, format));
  }
} else {
  const room = m.cordon_room_open(engine);
  put(encoder.encode('{"name":"records"}'));
  if (m.cordon_room_begin(room) !== 0) throw new Error(`no source: ${report()}`);
  const source = encoder.encode(records.map(({ text }) => `${text}\n`).join(''));
  for (let at = 0; at < source.length; at += piece) {
    put(source.subarray(at, at + piece));
    answer(m.cordon_room_push(room));
  }
  answer(m.cordon_room_end(room));
  answer(m.cordon_room_report(room));
  if (m.cordon_room_close(room) !== 0) throw new Error('the room is not closed');
}
const seconds = (performance.now() - started) / 1000;
m.cordon_clear();
if (m.cordon_close(engine) !== 0) throw new Error('the engine is not closed');

const out = Buffer.from(
  [JSON.stringify({ seconds, ready }), ...answers.map((answer) => JSON.stringify(answer)), ''].join('\n'),
);
for (let at = 0; at < out.length; ) {
  try {
    at += writeSync(1, out, at);
  } catch (error) {
    if (error.code !== 'EAGAIN') throw error; // the reader is behind
  }
}
