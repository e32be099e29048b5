// @ts-check
// The parts of the page that come when they are wanted, each by a literal `import()`. Once the page
// has started and idles, all of them are brought: from then on nothing is asked of the network.

import { say } from './room.js';
import { html, signal, useEffect, useState } from '../vendor/preact.js';

const PARTS = {
  ask: () => import('./ask.js'),
  demo: () => import('./demo.js'),
  dialogs: () => import('./dialogs.js'),
  panels: () => import('./panels.js'),
  postmortem: () => import('./postmortem.js'),
  share: () => import('./share.js'),
};
const NOT_BROUGHT = 'This part of the page is not here yet, and the server that gave you the page cannot be reached. What you have stays; try again when it can.';

/** @typedef {keyof typeof PARTS} PartName */
/** @template {PartName} Name @typedef {Awaited<ReturnType<(typeof PARTS)[Name]>>} Loaded */

/** Those that are here. */
const here = signal(/** @type {{[Name in PartName]?: Loaded<Name>}} */ ({}));

/** @template {PartName} Name @param {Name} name @returns {Promise<Loaded<Name>>} */
async function bring(name) {
  const part = /** @type {Loaded<Name>} */ (await PARTS[name]());
  if (!here.value[name]) here.value = { ...here.value, [name]: part };
  return part;
}

/** A part; null where it cannot be had, which is said. @template {PartName} Name @param {Name} name */
export async function load(name) {
  try {
    return await bring(name);
  } catch {
    say(NOT_BROUGHT, true);
    return null;
  }
}

/** Brings everything; whether it is all here. */
export async function loadAll() {
  const names = /** @type {PartName[]} */ (Object.keys(PARTS));
  const brought = await Promise.allSettled(names.map(bring));
  return brought.every(({ status }) => status === 'fulfilled');
}

/**
 * A component of a part, drawn when it is here.
 * @param {{part: PartName, name: string}} props
 */
export function Part({ part, name }) {
  const loaded = /** @type {Record<string, any> | undefined} */ (here.value[part]);
  const [isMissing, setMissing] = useState(false);
  const wanted = async () => setMissing((await load(part)) === null);
  useEffect(() => {
    if (!loaded) void wanted();
  }, [part]);
  const Shown = loaded?.[name];
  if (Shown) return html`<${Shown} />`;
  return isMissing ? html`<p class="nothing bad">${NOT_BROUGHT} <button onClick=${wanted}>Try again</button></p>`
    : html`<p class="nothing">Loading…</p>`;
}
