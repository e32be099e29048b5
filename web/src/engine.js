// @ts-check
// The page's side of the worker: questions with answers, one worker at a time.
//
// *Invariant:* the one Trusted Types policy of the page is here, and gives the two scripts that
// are started by address, and nothing else.

const WORKER = new URL('./worker.js', import.meta.url).href;
const MODULE = new URL('../cordon.wasm', import.meta.url).href;
const PACK = new URL('../names.pack', import.meta.url).href;
const GUARD = new URL('sw.js', document.baseURI).href;

/** @typedef {{createScriptURL: (url: string) => any}} ScriptPolicy */
const types = /** @type {any} */ (globalThis).trustedTypes;
/** @param {string} url */
const known = (url) => {
  if (url !== WORKER && url !== GUARD) throw new TypeError('not a script of this page');
  return url;
};
/** @type {ScriptPolicy} */
const scripts = types?.createPolicy('cordon', { createScriptURL: known }) ?? {
  createScriptURL: known,
};

/** Why a question has no answer. `trap`: the worker is another one now, and knows nothing. */
export class EngineError extends Error {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** @param {string} url @param {string} what @returns {Promise<Uint8Array>} */
async function fetched(url, what) {
  const response = await fetch(url).catch(() => null);
  if (!response?.ok) throw new EngineError('fetch', `${what} cannot be had from the server now`);
  return new Uint8Array(await response.arrayBuffer());
}

/** @param {string} url @param {string} what fetched once, unless it failed */
function once(url, what) {
  /** @type {Promise<Uint8Array> | null} */
  let held = null;
  return () => {
    held ??= fetched(url, what);
    held.catch(() => (held = null));
    return held;
  };
}

/** The module; a worker that is started again needs no network for it. */
const module = once(MODULE, 'the engine');
/** The recogniser of names, fetched when it is first wanted. */
export const namesPack = once(PACK, 'the recogniser of names');

export class Engine {
  constructor() {
    this.asked = 0;
    /** @type {Map<number, {give: (told: any) => void, fail: (error: Error) => void}>} */
    this.waiting = new Map();
    /** @type {Worker | null} */
    this.worker = null;
  }

  /** Starts a worker with the module; one that runs is stopped. */
  async start() {
    this.stop('the engine was started again');
    // A plain worker: from disk, browsers start no module as one.
    const worker = new Worker(scripts.createScriptURL(WORKER), { name: 'cordon' });
    worker.onmessage = ({ data }) => this.told(data);
    worker.onerror = () => this.stop('the engine does not run in this browser');
    this.worker = worker;
    return this.ask('start', { wasm: await module() });
  }

  /** @param {string} why */
  stop(why) {
    this.worker?.terminate();
    this.worker = null;
    for (const { fail } of this.waiting.values()) fail(new EngineError('stopped', why));
    this.waiting.clear();
  }

  /**
   * @param {string} act
   * @param {object} [given]
   * @param {Transferable[]} [moved]
   * @returns {Promise<any>}
   */
  ask(act, given = {}, moved = []) {
    if (!this.worker) return Promise.reject(new EngineError('stopped', 'the engine is not running'));
    this.asked += 1;
    const id = this.asked;
    const { worker } = this;
    return new Promise((give, fail) => {
      this.waiting.set(id, { give, fail });
      worker.postMessage({ ...given, id, act }, moved);
    });
  }

  /** @param {any} data */
  told(data) {
    const waiting = this.waiting.get(data.id);
    this.waiting.delete(data.id);
    if (data.error) waiting?.fail(new EngineError(data.error.code, data.error.message));
    else waiting?.give(data);
  }
}

/** Whether the page is one file that was opened from disk. */
export const exported = document.documentElement.dataset['exported'] === 'true';
export const FROM_DISK = 'This page was opened from disk: it redacts and diagnoses, and sends nothing.';

/** Starts the guard that lets nothing out but the page's own requests. */
export async function startGuard() {
  if (exported || !('serviceWorker' in navigator)) return false;
  try {
    await navigator.serviceWorker.register(scripts.createScriptURL(GUARD), { scope: './' });
    return true;
  } catch {
    return false;
  }
}
