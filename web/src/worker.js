// @ts-check
// The worker: the module with the engine, and nothing else. Raw text comes in from the page, clean
// text and findings go back to it. It is a plain script that imports nothing, so that a page in one
// file can carry it.
//
// Each message is `{id, act, …}`; the answer is `{id, …}` or `{id, error: {code, message}}`, where
// the code `trap` says that the module is in no defined state: the page starts another worker.

/** The version of the module's functions that this was written for. */
const ABI = 2;
/** Bytes of one call; a longer text comes in several. */
const PUSH_BYTES_MAX = 1 << 20;

/** @typedef {Record<string, (...numbers: number[]) => number>} Functions */

/** @type {Functions | null} */
let functions = null;
/** @type {WebAssembly.Memory | null} */
let memory = null;
let engine = 0;
let room = 0;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

class Refusal extends Error {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** Calls a function of the module. @param {string} name @param {number[]} numbers */
function call(name, ...numbers) {
  const asked = functions?.[name];
  if (!asked) throw new Refusal('module', `the module has no ${name}`);
  return asked(...numbers);
}

/** @param {Uint8Array} bytes */
function put(bytes) {
  const address = call('cordon_input', bytes.length);
  if (address === 0) throw new Refusal('too_large', 'the text is larger than the module takes');
  const held = /** @type {WebAssembly.Memory} */ (memory).buffer;
  new Uint8Array(held, address >>> 0, bytes.length).set(bytes);
}

/** @param {string} name */
function taken(name) {
  const held = /** @type {WebAssembly.Memory} */ (memory).buffer;
  return new Uint8Array(held, call(name) >>> 0, call(`${name}_bytes`)).slice();
}

const output = () => taken('cordon_output');
const outputText = () => decoder.decode(output());
const report = () => JSON.parse(decoder.decode(taken('cordon_report')) || '{}');

/** A number from 0, or what was refused. @param {number} status @param {string} what */
function held(status, what) {
  if (status >= 0) return status;
  const told = report().error ?? {};
  throw new Refusal(told.code ?? `refused_${-status}`, told.message ?? `${what} was refused`);
}

/**
 * Starts the module.
 * @param {{wasm: Uint8Array<ArrayBuffer>}} given
 */
async function start({ wasm }) {
  let { instance } = await WebAssembly.instantiate(wasm, {});
  const { cordon_unpack: unpack, cordon_unpacked_bytes: bytes, memory: packed } =
    /** @type {any} */ (instance.exports);
  if (unpack) {
    // The module came packed in another: nothing is imported by either.
    const at = unpack() >>> 0;
    const whole = new Uint8Array(packed.buffer, at, bytes() >>> 0).slice();
    ({ instance } = await WebAssembly.instantiate(whole, {}));
  }
  functions = /** @type {Functions} */ (/** @type {unknown} */ (instance.exports));
  memory = /** @type {WebAssembly.Memory} */ (instance.exports['memory']);
  const abi = call('cordon_abi');
  if (abi !== ABI) throw new Refusal('module', `the module speaks version ${abi}, not ${ABI}`);
  return { bytes: wasm.length };
}

/**
 * A room with a key and a policy, and the recogniser of names where it is wanted; the one before is
 * dropped.
 * @param {{key: Uint8Array, policy: object, names: Uint8Array | null}} given
 */
function open({ key, policy, names }) {
  close();
  const said = encoder.encode(JSON.stringify(policy));
  const bytes = new Uint8Array(key.length + said.length);
  bytes.set(key);
  bytes.set(said, key.length);
  put(bytes);
  bytes.fill(0);
  engine = held(call('cordon_open', key.length), 'the policy');
  if (names) {
    put(names);
    held(call('cordon_names', engine), 'the recogniser of names');
  }
  room = held(call('cordon_room_open', engine), 'the room');
  return {};
}

function close() {
  if (room > 0) call('cordon_room_close', room);
  if (engine > 0) call('cordon_close', engine);
  engine = 0;
  room = 0;
  if (functions) call('cordon_clear');
}

/** Clean text and findings of the lines that are finished. */
const finished = () => ({ clean: output(), ...report() });

/** @param {{name: string, kind: string | null}} given */
function begin({ name, kind }) {
  put(encoder.encode(JSON.stringify({ name, kind })));
  held(call('cordon_room_begin', room), 'the source');
  return {};
}

/** @param {{bytes: Uint8Array}} given */
function push({ bytes }) {
  if (bytes.length > PUSH_BYTES_MAX) throw new Refusal('too_large', 'a piece is too large');
  put(bytes);
  bytes.fill(0);
  held(call('cordon_room_push', room), 'a piece of the source');
  return finished();
}

function end() {
  held(call('cordon_room_end', room), 'the end of the source');
  return finished();
}

function reported() {
  held(call('cordon_room_report', room), 'the report');
  return { report: JSON.parse(outputText()) };
}

/** @param {{a: number, b: number}} given */
function compare({ a, b }) {
  put(encoder.encode(JSON.stringify({ a, b })));
  held(call('cordon_room_compare', room), 'the comparison');
  return { compared: JSON.parse(outputText()) };
}

/** @param {{format: number, given: object}} given */
function postmortem({ format, given }) {
  put(encoder.encode(JSON.stringify({ given })));
  held(call('cordon_room_postmortem', room, format), 'the postmortem');
  return { text: outputText() };
}

/** @param {{texts: object}} given */
function notes({ texts }) {
  // Half a character would be no JSON to the module.
  const whole = (/** @type {string} */ _, /** @type {any} */ value) =>
    typeof value === 'string' ? value.toWellFormed() : value;
  put(encoder.encode(JSON.stringify(texts, whole)));
  held(call('cordon_room_notes', room), 'the notes');
  return { texts: JSON.parse(outputText()) };
}

/** One text, redacted as a whole. @param {{text: string}} given */
function redact({ text }) {
  put(encoder.encode(text));
  held(call('cordon_redact', engine, 2), 'the text');
  return { text: outputText(), findings: report().findings ?? [] };
}

/** @type {Record<string, (given: any) => object | Promise<object>>} */
const ACTS = {
  start, open, begin, push, end, report: reported, compare, postmortem, notes, redact,
  close: () => {
    close();
    return {};
  },
};

/** @param {MessageEvent} event */
async function answer({ data }) {
  try {
    const act = ACTS[data.act];
    if (!act) throw new Refusal('act', 'the page asked for something unknown');
    const told = /** @type {any} */ (await act(data));
    const moved = told.clean instanceof Uint8Array ? [told.clean.buffer] : [];
    self.postMessage({ id: data.id, ...told }, { transfer: moved });
  } catch (error) {
    const code = error instanceof Refusal ? error.code : 'trap';
    const message =
      error instanceof Refusal ? error.message : 'the engine stopped';
    self.postMessage({ id: data.id, error: { code, message } });
  }
}

// One act after another, in the order in which they were asked.
let last = Promise.resolve();
self.addEventListener('message', (event) => {
  last = last.then(() => answer(event));
});
