// The page with a server: asking a model and sharing, against a stand-in for the server's routes
// that keeps what it is sent. The product's server has its own tests; here the page's side is shown.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { browser, incident, panel, settled } from './browser.mjs';

const RAW = /@shop\d\.example|not-a-real|4000000\d|fa(?:ke)b3ar3r|AKIASYNTH/;

test('a model is asked by an explicit act, with evidence alone, and leaves a receipt', async (t) => {
  const bodies = [];
  let token = '';
  const { open } = await browser(t, (path, body, answer, request) => {
    bodies.push([path, body, request.headers.authorization]);
    if (path === '/api/preview') {
      token = /email_[a-z2-7]{24}|ip_[a-z2-7]{24}|card_[a-z2-7]{24}/.exec(body)?.[0] ?? '';
      answer(200, { prompt: 'THE EXACT PROMPT', system: 'SYSTEM', bytes: 1234, classes: { B: 2, C: 5 }, removed: [],
        cost: { class_b_bytes: 10, class_c_bytes: 20 }, budget_left: { class_b_bytes: 990, class_c_bytes: 980 },
        fits: true, decision: 'budget_within', destination: { url: 'http://127.0.0.1:1', model: 'local-7b' } });
    } else {
      const lines = [{ piece: 'It is the pool [e1]. ' }, { piece: `Ask ${token} ` }, { piece: 'about it.' },
        { receipt: { schema: 'cordon.receipt', version: 1, model: 'local-7b', sent_bytes: 1234, digest: 'ab' } }];
      answer(200, `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`);
    }
  });
  const { page } = await open({ fragment: '#session=token-of-the-test' });
  assert.equal(new URL(page.url()).hash, '');
  await incident(page);
  await panel(page, 'Ask a model');
  assert.equal(bodies.length, 0, 'nothing goes before the button');
  await page.getByRole('button', { name: /Draw the prompt/ }).click();
  await page.locator('.prompt pre', { hasText: 'THE EXACT PROMPT' }).waitFor();
  assert.deepEqual(bodies.map(([path]) => path), ['/api/preview']);
  assert.match(await page.locator('.prompt').innerText(), /990 bytes of class B[\s\S]*local-7b at/);
  await page.getByRole('button', { name: 'Send 1.2 kB to local-7b' }).click();
  await page.locator('.answer-text', { hasText: 'about it.' }).waitFor();
  for (const [path, body, authorization] of bodies) {
    assert.doesNotMatch(body, RAW, path);
    assert.equal(authorization, 'Bearer token-of-the-test');
    const { evidence } = JSON.parse(body);
    assert.ok(evidence.length > 3 && evidence.length <= 64);
    assert.ok(evidence.every((item) => [...item.text].length <= 160 && !item.text.includes('\n')));
  }
  if (token !== '') {
    await page.getByRole('button', { name: 'Fill in values in this tab' }).click();
    assert.match(await page.locator('.answer-text .peeked').innerText(), /@shop|198\.51|4000/);
  }
  await page.getByRole('button', { name: /^Sent for inference: \d/ }).click();
  assert.match(await page.getByRole('dialog').innerText(), /preview[\s\S]*analysis[\s\S]*cordon\.receipt/);
  const sum = bodies.reduce((all, [, body]) => all + Buffer.byteLength(body), 0);
  assert.match(await page.getByRole('dialog').locator('h2').innerText(), new RegExp(`${(sum / 1000).toFixed(sum < 10_000 ? 1 : 0)} kB`));
});

/** A share as the server keeps it. */
function shares() {
  const rooms = new Map();
  const bodies = [];
  const api = async (path, body, answer) => {
    bodies.push(body);
    const said = JSON.parse(body);
    const room = rooms.get(said.room);
    if (path === '/api/share/create') {
      const id = `r${rooms.size + 1}`;
      rooms.set(id, { messages: [], reads: 0, expires: Date.now() / 1000 + said.hours * 3600 });
      return answer(200, { room: id, expires_unix_s: rooms.get(id).expires });
    }
    if (!room || room.expires < Date.now() / 1000) return answer(404, { code: 'share_unknown', text: 'gone' });
    if (path === '/api/share/append') {
      room.messages.push(said.sealed);
      return answer(200, { sequence: room.messages.length });
    }
    if (path === '/api/share/read') {
      room.reads += 1;
      for (let n = 0; n < 20 && said.wait_s > 0 && room.messages.length <= said.since; n += 1) {
        await new Promise((done) => setTimeout(done, 50));
      }
      const messages = room.messages.slice(said.since).map((sealed, n) =>
        ({ sequence: said.since + n + 1, unix_s: 0, operator: 'ann', session: 's', sealed }));
      return answer(200, { messages, next: room.messages.length, more: false, expires_unix_s: room.expires });
    }
    if (path === '/api/share/opened') {
      return answer(200, { opened: [{ operator: 'bob', session: 's', first_unix_s: 1_773_300_000, last_unix_s: 1_773_300_000, reads: 2 }] });
    }
    rooms.delete(said.room);
    return answer(200, {});
  };
  return { rooms, bodies, api };
}

test('two people write in a shared room; the server has ciphertext; revoked, it is gone', async (t) => {
  const { rooms, bodies, api } = shares();
  const { open } = await browser(t, api);
  const { page: ann } = await open({ fragment: '#session=a' });
  await incident(ann);
  await ann.getByRole('button', { name: 'Share', exact: true }).click();
  await ann.getByRole('dialog').getByRole('button', { name: 'Share', exact: true }).click();
  const link = await ann.getByRole('dialog').getByLabel(/Link/).inputValue();
  const [, fragment] = link.split('#');
  assert.match(fragment, /^room=r1\.[\w-]{43}$/);
  await ann.getByText('bob').waitFor();
  await ann.keyboard.press('Escape');

  const { page: bob } = await open({ fragment: `#session=b&${fragment}` });
  assert.equal(new URL(bob.url()).hash, '');
  await settled(bob, 3);
  const text = await bob.locator('.pane.raw').innerText();
  assert.match(text, /email_[a-z2-7]{24}/);
  assert.doesNotMatch(text, RAW);

  const write = async (page, note) => {
    await panel(page, 'Notes');
    await page.getByLabel('New note').fill(note);
    await page.getByRole('button', { name: 'Add', exact: true }).click();
  };
  await Promise.all([write(ann, 'from ann, who saw grace@shop2.example'), write(bob, 'from bob')]);
  const notes = (page) => page.getByRole('textbox', { name: 'Note', exact: true });
  for (const page of [ann, bob]) {
    await page.waitForFunction(() => document.querySelectorAll('.own input').length === 2);
    const values = await notes(page).evaluateAll((all) => all.map((one) => one.value));
    assert.ok(values.some((one) => one.startsWith('from ann')) && values.includes('from bob'));
  }
  const seen = await notes(bob).evaluateAll((all) => all.map((one) => one.value).join());
  assert.ok(!seen.includes('grace@shop2'), 'a note is redacted before it leaves');

  const [, key] = fragment.split('.');
  for (const body of bodies) {
    assert.doesNotMatch(body, /checkout|shop|from (ann|bob)|PoolTimeout/);
    assert.ok(!body.includes(key), 'the key is never sent');
  }
  await ann.getByRole('button', { name: 'Shared', exact: true }).click();
  await ann.getByRole('button', { name: 'Revoke' }).click();
  await ann.getByText(/the server deleted its copy/).waitFor();
  assert.equal(rooms.size, 0);
  await bob.getByText(/shared copy is gone/).waitFor();
});

test('a shared room stops at its expiry', async (t) => {
  const { rooms, api } = shares();
  const { open } = await browser(t, api);
  const { page } = await open({ fragment: '#session=a' });
  await incident(page);
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Share', exact: true }).click();
  const link = await page.getByRole('dialog').getByLabel(/Link/).inputValue();
  for (const room of rooms.values()) room.expires = 0;
  const { page: late } = await open({ fragment: `#session=b&${link.split('#')[1]}` });
  await late.getByText(/shared copy is gone/).waitFor();
  assert.equal(await late.locator('.source').count(), 0);
});
