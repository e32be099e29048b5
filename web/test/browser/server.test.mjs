// The page with a server: asking a model and sharing. The server is the product's, the model one
// that keeps every byte it is sent; what the browser sends is kept on its way.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { browser, incident, panel, settled } from './browser.mjs';

/** What is raw in the synthetic incident. */
const RAW = /@shop\d\.example|not-a-real|4000000\d|fa(?:ke)b3ar3r|AKIASYNTH|202-555/;
/** Its plain words: they are in the clean text, and must not be in a sealed one. */
const PLAIN = /checkout|PoolTimeout|payment failed|from (?:ann|bob)/;
const dialog = (page) => page.getByRole('dialog');
const posts = (server) => server.seen().filter((line) => line.startsWith('POST'));

/** What goes before a model is asked: the evidence, drawn as a prompt by the server. */
async function drawPrompt(page) {
  await page.getByRole('button', { name: /Draw the prompt/ }).click();
  await page.locator('.prompt pre').waitFor();
}

test('a model is asked by an explicit act, with evidence alone, and leaves a receipt', async (t) => {
  const { server, open } = await browser(t, { says: () => ['The pool is too small'] });
  const { page, errors } = await open({ session: true });
  assert.equal(new URL(page.url()).hash, '', 'the session is out of the address');
  await incident(page);
  assert.deepEqual(posts(server), [], 'nothing goes before one asks');
  await panel(page, 'Ask a model');
  const session = page.locator('.session');
  await session.waitFor();
  assert.match(await session.innerText(), /ann of tenant acme, class B, until \d{4}-[\s\S]*bytes of class B[\s\S]*local-7b at/);
  assert.deepEqual(posts(server), ['POST /api/session']);
  await drawPrompt(page);
  const prompt = await page.locator('.prompt pre').textContent();
  assert.match(prompt, /"e1"/);
  assert.match(await page.locator('.prompt').innerText(), /bytes of class B[\s\S]*local-7b at/);
  assert.equal(server.model.count(), 0, 'drawing asks no model');
  const left = await session.innerText();

  await page.getByRole('button', { name: /^Send [\d.]+ k?B to local-7b/ }).click();
  await page.locator('.answer-text', { hasText: 'The pool is too small' }).waitFor();
  await page.getByText('The receipt is kept in this room').waitFor();
  assert.equal(server.model.count(), 1);
  assert.doesNotMatch(server.model.asked(), RAW);
  const said = JSON.parse(Buffer.from(server.model.asked().split('\r\n\r\n')[1], 'latin1'));
  assert.ok(prompt.endsWith(said.messages.at(-1).content), 'what was drawn is what was sent');
  assert.doesNotMatch(server.sent(), RAW);
  assert.ok(server.sent().includes('"evidence"'), 'what is sent is seen here');
  assert.notEqual(await session.innerText(), left, 'the budget is what is left now');

  await page.getByRole('button', { name: /^Sent for inference: \d/ }).click();
  assert.match(await dialog(page).innerText(), /preview[\s\S]*analysis[\s\S]*cordon\.receipt/);
  const bodies = server.sent()
    .match(/\{"question".*?"at":"[^"]*"(?:,"previewed":\{"digest":"\w+","destination":\{[^}]*\}\})?\}/g);
  assert.deepEqual(bodies.map((body) => body.includes('"previewed"')), [false, true]);
  const bytes = bodies.reduce((sum, body) => sum + body.length, 0);
  const counted = (bytes / 1000).toFixed(bytes < 10_000 ? 1 : 0);
  assert.match(await dialog(page).locator('h2').innerText(), new RegExp(`${counted} kB`));
  assert.deepEqual(errors, []);
});

test('the tenant’s store is looked at when one says so', async (t) => {
  const stored = JSON.stringify({
    level: 'error', service: 'depot', message: 'the parcel was refused',
    exception: { type: 'KeyError', message: 'no shelf for a parcel' },
  });
  const { server, open } = await browser(t, { says: () => ['A shelf is missing'], stored });
  const { page } = await open({ session: true });
  await incident(page);
  await panel(page, 'Ask a model');
  await page.locator('.session').waitFor();
  await drawPrompt(page);
  assert.ok(!(await page.locator('.prompt pre').innerText()).includes('KeyError'));
  await page.getByLabel(/Add what the store of acme holds/).check();
  assert.equal(await page.locator('.prompt').count(), 0, 'another prompt is to be drawn');
  await page.getByRole('textbox', { name: 'Question' }).fill('why was the parcel refused at the depot?');
  await drawPrompt(page);
  assert.match(await page.locator('.prompt pre').innerText(), /KeyError/);
  assert.equal(server.model.count(), 0);
});

test('a session that is over is told, with what stays and what to do', async (t) => {
  const { server, open } = await browser(t, { says: () => ['yes'], clock: true });
  const { page } = await open({ session: true });
  await incident(page);
  server.forward(9);
  await panel(page, 'Ask a model');
  const note = page.locator('.note');
  await note.getByText(/Your session has expired/).waitFor();
  assert.match(await note.innerText(), /Everything in this room stays[\s\S]*cordon room/);
  assert.ok(await page.getByRole('button', { name: /Draw the prompt/ }).isDisabled());
  // A new link in the same tab is taken at once.
  await page.goto(`${server.url}/#session=${server.session()}`);
  await settled(page, 3);
  await panel(page, 'Ask a model');
  await page.locator('.session').waitFor();
  // And one that was ended.
  const [{ session }] = server.run(['room', '--list', '--json']).trim().split('\n').map(JSON.parse);
  server.run(['room', '--end', session]);
  await page.reload();
  await settled(page, 3);
  await panel(page, 'Ask a model');
  await note.getByText(/does not know your session/).waitFor();
});

/** Shares the room; what stands behind `#` in its link. */
async function share(page, hours = 24) {
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  await dialog(page).getByLabel('Expires after').selectOption(String(hours));
  await dialog(page).getByRole('button', { name: 'Share', exact: true }).click();
  const link = await dialog(page).getByLabel(/Link/).inputValue();
  const [, room] = /#room=([\w-]+\.[\w-]{43})$/.exec(link) ?? [];
  assert.ok(room, 'the link has a room and a key');
  await page.keyboard.press('Escape');
  return room;
}

test('two people write in a shared room; the server has ciphertext; revoked, it is gone', async (t) => {
  const { server, open } = await browser(t);
  const { page: ann } = await open({ session: true });
  await incident(ann);
  const room = await share(ann);
  const { page: bob } = await open({ session: true, room });
  assert.equal(new URL(bob.url()).hash, '', 'the key is out of the address');
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
  const notes = (page) => page.locator('.own input').evaluateAll((all) => all.map((one) => one.value));
  for (const page of [ann, bob]) {
    await page.waitForFunction(() => document.querySelectorAll('.own input').length === 2);
    const values = await notes(page);
    assert.ok(values.some((one) => one.startsWith('from ann')) && values.includes('from bob'));
  }
  assert.ok(!(await notes(bob)).join().includes('grace@shop2'), 'a note is redacted before it leaves');

  await ann.getByRole('button', { name: 'Shared', exact: true }).click();
  await dialog(ann).getByRole('button', { name: 'Who opened it' }).click();
  const opened = await dialog(ann).locator('.openings li').allInnerTexts();
  assert.ok(opened.length === 2 && opened.every((text) => /^ann\s+session \w+/.test(text)), `${opened}`);

  // What the server was sent and what it keeps: no word of the room, and not its key.
  const [id, key] = room.split('.');
  const kept = server.held('shares.db');
  assert.ok(kept.includes(id), 'the search finds what is there');
  for (const bytes of [server.sent(), kept]) {
    assert.doesNotMatch(bytes, RAW);
    assert.doesNotMatch(bytes, PLAIN);
    assert.ok(!bytes.includes(key), 'the key is never sent');
  }
  await dialog(ann).getByRole('button', { name: 'Revoke' }).click();
  await ann.getByText(/the server deleted its copy/).waitFor();
  await bob.getByText(/shared copy is gone/).waitFor();
  const { page: late } = await open({ session: true, room });
  await late.getByText(/shared copy is gone/).waitFor();
  assert.equal(await late.locator('.source').count(), 0);
});

test('a shared room stops at its expiry', async (t) => {
  const { server, open } = await browser(t, { clock: true });
  const { page: ann } = await open({ session: true });
  await incident(ann);
  const room = await share(ann, 1);
  const { page: bob } = await open({ session: true, room });
  await settled(bob, 3);
  server.forward(2);
  const { page: late } = await open({ session: true, room });
  await late.getByText(/shared copy is gone/).waitFor();
  assert.equal(await late.locator('.source').count(), 0);
  // Who had it open is told when the server is next asked.
  await bob.getByText(/shared copy is gone/).waitFor();
});

test('without a session nothing is sent, and a shared link asks for one', async (t) => {
  const { server, open } = await browser(t);
  const { page } = await open({ room: `abc.${'A'.repeat(43)}` });
  await page.getByText(/needs a session first/).waitFor();
  await incident(page);
  await panel(page, 'Ask a model');
  await page.getByText(/no session with a server/).waitFor();
  assert.ok(await page.getByRole('button', { name: /Draw the prompt/ }).isDisabled());
  await page.getByRole('button', { name: 'Share', exact: true }).click();
  assert.ok(await dialog(page).getByRole('button', { name: 'Share', exact: true }).isDisabled());
  assert.deepEqual(posts(server), []);
});
