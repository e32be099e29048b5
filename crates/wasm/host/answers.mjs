// What the module answers to records, for `cargo xtask bench wasm`: the same code in Node and in a
// Worker of a browser.
//
// `given` is text: a line of JSON with key, policy and bytes of a piece, then a line for each record.
// What is answered is text too: a line of JSON with the seconds that redaction took and those before
// it could begin, then a line for each answer. With bytes of a piece, the records are lines of one
// source that is pushed so into a room, and what the room tells is the last answer.

/** Nothing is imported: a module that wants something of its host does not start. */
async function opened(module) {
  // The engine is packed in a module that unpacks it.
  const outer = (await WebAssembly.instantiate(module, {})).instance.exports;
  const at = outer.cordon_unpack();
  if (at === 0) throw new Error('the module is not whole');
  const engine = new Uint8Array(outer.memory.buffer, at, outer.cordon_unpacked_bytes());
  const { instance } = await WebAssembly.instantiate(engine, {});
  if (instance.exports.cordon_abi() !== 2) throw new Error('the module has another ABI');
  return instance.exports;
}

/**
 * @param {BufferSource} module
 * @param {Uint8Array} names the pack of names
 * @param {string} given
 * @returns {Promise<string>}
 */
export async function answers(module, names, given) {
  const [head, ...lines] = given.split('\n').filter((line) => line !== '');
  const { key, policy, piece } = JSON.parse(head);
  const records = lines.map((line) => JSON.parse(line));
  const encoder = new TextEncoder();
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  const loading = performance.now();
  const m = await opened(module);
  const taken = (address, length) => decoder.decode(new Uint8Array(m.memory.buffer, address, length));
  const report = () => taken(m.cordon_report(), m.cordon_report_bytes());
  const put = (bytes) => {
    const address = m.cordon_input(bytes.length);
    if (address === 0) throw new Error('the input is too large');
    new Uint8Array(m.memory.buffer, address, bytes.length).set(bytes);
  };
  put(new Uint8Array([...key, ...encoder.encode(policy)]));
  const engine = m.cordon_open(key.length);
  if (engine < 1) throw new Error(`no engine: ${report()}`);
  const ready = (performance.now() - loading) / 1000;
  put(names);
  if (m.cordon_names(engine) !== 0) throw new Error(`no names: ${report()}`);

  const told = [];
  const answer = (status) => {
    if (status !== 0) throw new Error(`no answer: ${status} ${report()}`);
    told.push({ clean: taken(m.cordon_output(), m.cordon_output_bytes()), report: report() });
  };
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
  return [{ seconds, ready }, ...told].map((line) => `${JSON.stringify(line)}\n`).join('');
}
