// Made of src/worker.js by pack.mjs: read it there, with its comments.
const ABI = 2;
const PUSH_BYTES_MAX = 1 << 20;
let functions = null;
let memory = null;
let engine = 0;
let room = 0;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
class Refusal extends Error {
constructor(code, message) {
super(message);
this.code = code;
}
}
function call(name, ...numbers) {
const asked = functions?.[name];
if (!asked) throw new Refusal('module', `the module has no ${name}`);
return asked(...numbers);
}
function put(bytes) {
const address = call('cordon_input', bytes.length);
if (address === 0) throw new Refusal('too_large', 'the text is larger than the module takes');
const held = (memory).buffer;
new Uint8Array(held, address >>> 0, bytes.length).set(bytes);
}
function taken(name) {
const held = (memory).buffer;
return new Uint8Array(held, call(name) >>> 0, call(`${name}_bytes`)).slice();
}
const output = () => taken('cordon_output');
const outputText = () => decoder.decode(output());
const report = () => JSON.parse(decoder.decode(taken('cordon_report')) || '{}');
function held(status, what) {
if (status >= 0) return status;
const told = report().error ?? {};
throw new Refusal(told.code ?? `refused_${-status}`, told.message ?? `${what} was refused`);
}
async function start({ wasm, url }) {
const source = wasm ?? (await (await fetch(url)).arrayBuffer());
let { instance } = await WebAssembly.instantiate(source, {});
const { cordon_unpack: unpack, cordon_unpacked_bytes: bytes, memory: packed } =
(instance.exports);
if (unpack) {
const at = unpack() >>> 0;
const whole = new Uint8Array(packed.buffer, at, bytes() >>> 0).slice();
({ instance } = await WebAssembly.instantiate(whole, {}));
}
functions = ((instance.exports));
memory = (instance.exports['memory']);
const abi = call('cordon_abi');
if (abi !== ABI) throw new Refusal('module', `the module speaks version ${abi}, not ${ABI}`);
return { bytes: source.byteLength };
}
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
const finished = () => ({ clean: output(), ...report() });
function begin({ name, kind }) {
put(encoder.encode(JSON.stringify({ name, kind })));
held(call('cordon_room_begin', room), 'the source');
return {};
}
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
function compare({ a, b }) {
put(encoder.encode(JSON.stringify({ a, b })));
held(call('cordon_room_compare', room), 'the comparison');
return { compared: JSON.parse(outputText()) };
}
function postmortem({ format, given }) {
put(encoder.encode(JSON.stringify({ given })));
held(call('cordon_room_postmortem', room, format), 'the postmortem');
return { text: outputText(), findings: report().findings ?? [] };
}
function notes({ texts }) {
put(encoder.encode(JSON.stringify(texts)));
held(call('cordon_room_notes', room), 'the notes');
return { texts: JSON.parse(outputText()) };
}
function redact({ text }) {
put(encoder.encode(text));
held(call('cordon_redact', engine, 2), 'the text');
return { text: outputText(), findings: report().findings ?? [] };
}
const ACTS = {
start, open, begin, push, end, report: reported, compare, postmortem, notes, redact,
close: () => {
close();
return {};
},
};
async function answer({ data }) {
try {
const act = ACTS[data.act];
if (!act) throw new Refusal('act', 'the page asked for something unknown');
const told = (await act(data));
const moved = told.clean instanceof Uint8Array ? [told.clean.buffer] : [];
self.postMessage({ id: data.id, ...told }, { transfer: moved });
} catch (error) {
const code = error instanceof Refusal ? error.code : 'trap';
const message =
error instanceof Refusal ? error.message : 'the engine stopped and was started again';
self.postMessage({ id: data.id, error: { code, message } });
}
}
let last = Promise.resolve();
self.addEventListener('message', (event) => {
last = last.then(() => answer(event));
});
