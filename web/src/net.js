// @ts-check
// The only module that sends: POST to `/api/` of the page's own origin, each time because its user
// asked for it.

import { exported, FROM_DISK } from './engine.js';
import { encode } from './text.js';
import { signal } from '../vendor/preact.js';

/** The person's session, from the link that `cordon room` prints; `over` says why one has none. */
const session = signal({ token: '', over: '' });

/** Why there is no answer. */
export class Refused extends Error {
  /** @param {string} code @param {string} message */
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** @param {string} token */
export function setSession(token) {
  session.value = { token, over: '' };
}
export const hasSession = () => session.value.token !== '';
/** Why there is no session, what stays, and what to do. */
export const noSession = () => session.value.over || `This tab has no session with a server. ${WITHOUT}`;

const WITHOUT = 'Everything in this room stays and works without one. To ask a model or to share, run `cordon room` where the server runs, and open its link in this browser.';
const WORDS = /** @type {Record<string, string>} */ ({
  session_unknown: `The server does not know your session: it was ended, or the server is another one now. ${WITHOUT}`,
  session_expired: `Your session has expired. ${WITHOUT}`,
  session_ended: `Your session was ended. ${WITHOUT}`,
  grant_missing: 'You may not ask for this tenant any more: its grant was taken away. Everything in this room stays. Ask who runs the server for the grant.',
  grant_expired: `Your session has run out. ${WITHOUT}`,
  grant_class_ceiling: 'Your session may not reach that class: `cordon room --class b` opens one that may.',
  budget_operator_cap: 'Your budget of today is used up. It fills again over the next day; nothing was sent.',
  budget_tenant_cap: 'The tenant’s budget of today is used up. It fills again over the next day; nothing was sent.',
  budget_exhausted: 'The budget that is left does not pay for it. Leave out some of the evidence; nothing was sent.',
  budget_pseudonyms_dropped: 'the budget for pseudonyms is used up, so they are left out',
  budget_low_utility_dropped: 'the least useful evidence is left out, to stay within the budget',
  budget_excerpts_dropped: 'excerpts are left out, to stay within the budget',
  budget_within: 'within the budget',
  evidence_too_long: 'The evidence is longer than it may be together: leave out some of it.',
  room_full: 'The server has as many requests running as it may. Try again in a moment.',
  preview_stale: 'What would be sent is no longer what was drawn. Nothing was sent: draw the prompt again.',
  share_unknown: 'That shared room is gone: it expired, was revoked, or never was.',
  share_full: 'The shared room, or the number of rooms that you may share, is full.',
});

/** What a code means, for people. @param {string} code @param {string} [otherwise] */
export const meaning = (code, otherwise = code) => WORDS[code] ?? otherwise;

/** @param {Response} response */
async function refusal(response) {
  try {
    const { code, text } = await response.json();
    if (String(code).startsWith('session_')) session.value = { token: '', over: WORDS[code] ?? String(text) };
    return new Refused(String(code), meaning(code, String(text)));
  } catch {
    return new Refused(`http_${response.status}`, `The server answered ${response.status}.`);
  }
}

/**
 * @param {string} path after `/api/`
 * @param {string} body
 * @param {AbortSignal} [signal]
 */
async function send(path, body, signal) {
  if (exported) throw new Refused('no_server', FROM_DISK);
  if (!hasSession()) throw new Refused('no_session', noSession());
  /** @type {Response} */
  let response;
  try {
    response = await fetch(new URL(`api/${path}`, document.baseURI), {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${session.value.token}` },
      body,
      credentials: 'omit',
      redirect: 'error',
      referrerPolicy: 'no-referrer',
      cache: 'no-store',
      ...(signal ? { signal } : {}),
    });
  } catch {
    throw new Refused('no_server', 'The server cannot be reached. Everything else works without it.');
  }
  if (!response.ok) throw await refusal(response);
  return response;
}

/** Bytes that a body has on its way. @param {object} body */
export const bodyBytes = (body) => encode(JSON.stringify(body)).length;

/** @param {string} path @param {object} body @param {AbortSignal} [signal] @returns {Promise<any>} */
export async function post(path, body, signal) {
  const response = await send(path, JSON.stringify(body), signal);
  try {
    return await response.json();
  } catch {
    throw new Refused('malformed', 'The server’s answer cannot be read.');
  }
}

/** Letters of one line of a streamed answer. */
const LINE_LENGTH_MAX = 1 << 20;

/**
 * Lines of JSON as they come.
 * @param {string} path
 * @param {object} body
 * @param {AbortSignal} signal
 * @param {(line: any) => void} heard
 */
export async function stream(path, body, signal, heard) {
  const response = await send(path, JSON.stringify(body), signal);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let held = '';
  for (;;) {
    const piece = await reader?.read();
    held += piece?.value ?? '';
    const lines = held.split('\n');
    held = piece?.done ? '' : (lines.pop() ?? '');
    if (held.length > LINE_LENGTH_MAX) throw new Refused('malformed', 'The answer is too long.');
    for (const line of lines.filter((line) => line.trim() !== '')) {
      let told;
      try {
        told = JSON.parse(line);
      } catch {
        throw new Refused('malformed', 'The server’s answer cannot be read.');
      }
      heard(told);
    }
    if (!piece || piece.done) return;
  }
}
