// The page as people use it: Chromium, the product's own server, the real module.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { incident as sources } from '../../src/demo.js';
import { browser, complete, copiesOpened, incident, panel, paste, settled, stored } from './browser.mjs';

const SECRET = ['not', 'a', 'real', 'pass', '7391'].join('-');

test('the synthetic incident is read with the network cut, without a request', async (t) => {
  const { server, open } = await browser(t);
  const { context, page, errors } = await open();
  await complete(page);
  const before = server.seen().length;
  await context.setOffline(true);
  await incident(page);
  await page.locator('.source button').first().click();

  assert.ok((await page.locator('.pane.raw .mark').count()) > 10, 'marks in the left column');
  assert.ok((await page.locator('.pane.clean .mark').count()) > 10, 'marks in the right column');
  const clean = await page.locator('.pane.clean').innerText();
  assert.match(clean, /email_[a-z2-7]{24}/);
  assert.doesNotMatch(clean, /@shop\d\.example/);

  const answer = await panel(page, 'Answer');
  assert.match(await answer.innerText(), /Likely failure point[\s\S]*(payment failed|no connection|pool)/i);
  const themes = await panel(page, 'Themes');
  assert.ok((await themes.locator('.tr:not(.head)').count()) >= 4);
  assert.ok((await themes.locator('svg.spark path[d^=M]').count()) >= 4);
  const stacks = await panel(page, 'Stacks');
  assert.match(await stacks.innerText(), /PoolTimeout/);
  assert.match(await stacks.innerText(), /acquire/);
  const timeline = await panel(page, 'Timeline');
  assert.match(await timeline.innerText(), /4\.18\.0/);
  assert.ok((await timeline.locator('li').count()) >= 4);
  assert.match(await (await panel(page, 'Next steps')).innerText(), /roll/i);
  assert.match(await (await panel(page, 'Notes')).innerText(), /roll back/i);
  const postmortem = await panel(page, 'Postmortem');
  await postmortem.getByRole('button', { name: 'Export Markdown' }).waitFor();
  assert.ok((await postmortem.locator('section').count()) >= 6);

  for (const secret of [SECRET, '@shop1.example', '4000000']) {
    const said = await page.locator('#panel').evaluate((at) => at.textContent);
    assert.ok(!said.includes(secret));
  }
  assert.deepEqual(server.seen().slice(before), []);
  assert.deepEqual(errors, []);
});

test('evidence leads to its line, and keys lead through the findings', async (t) => {
  const { open } = await browser(t);
  const { page } = await open();
  await incident(page);
  const themes = await panel(page, 'Themes');
  const jump = themes.locator('.jump').last();
  const line = (await jump.innerText()).split(':').at(-1).replace(/\D/g, '');
  await jump.click();
  await page.locator(`.pane.raw .row.here[data-line="${Number(line) - 1}"]`).waitFor();

  await page.locator('.source button').first().click();
  await page.keyboard.press('j');
  const first = await page.locator('.found').innerText();
  assert.match(first, /^1 of /);
  const told = page.getByRole('tooltip');
  assert.match(await told.innerText(), /rule[\s\S]*line \d+, byte \d+, \d+ bytes/);
  await page.keyboard.press('j');
  assert.match(await page.locator('.found').innerText(), /^2 of /);
  await page.keyboard.press('k');
  await page.keyboard.press('k');
  const [, here, all] = /^([\d,]+) of ([\d,]+)/.exec(await page.locator('.found').innerText());
  assert.equal(here, all, 'it goes round');

  // By keys alone into what a mark says, and back.
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement.closest('.explained'));
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => document.activeElement.classList.contains('mark'));

  await page.keyboard.press('/');
  await page.keyboard.type('rollback');
  await page.keyboard.press('Enter');
  await page.locator('.pane.raw .row.here .hit').first().waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('panel time');
  await page.keyboard.press('Enter');
  await page.locator('#tab-timeline[aria-selected=true]').waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog').getByText('temporary incident workspace').waitFor();
});

test('a mark by hand holds in every source, is taken back, and a secret is never shown', async (t) => {
  const { open } = await browser(t);
  const { page } = await open();
  await paste(page, `order zebra-quartz failed for ada@shop1.example password=${SECRET}\nzebra-quartz again\n`);
  await settled(page, 1);
  const clean = page.locator('.pane.clean');
  assert.match(await clean.innerText(), /zebra-quartz/);

  // By selection: the first word of the second line.
  await page.evaluate(() => {
    const text = document.querySelectorAll('.pane.raw .row')[1].querySelector('[data-byte]').firstChild;
    document.getSelection().setBaseAndExtent(text, 0, text, 'zebra-quartz'.length);
    document.querySelector('.pane.raw').dispatchEvent(new MouseEvent('mouseup', { bubbles: true }));
  });
  await page.getByRole('button', { name: /Redact 1 selected text/ }).click();
  await page.waitForFunction(() => !document.querySelector('.pane.clean').textContent.includes('zebra-quartz'));
  assert.equal(await page.locator('.pane.clean .mark', { hasText: /^term_/ }).count(), 2);
  await page.keyboard.press('Control+z');
  await page.waitForFunction(() => document.querySelector('.pane.clean').textContent.includes('zebra-quartz'));
  await page.keyboard.press('Control+Shift+z');
  await page.waitForFunction(() => !document.querySelector('.pane.clean').textContent.includes('zebra-quartz'));

  // A value is shown in this tab alone; a secret is not.
  await page.locator('.pane.clean .class-b', { hasText: /^email_/ }).click();
  await page.getByRole('button', { name: 'Show the value in this tab' }).click();
  assert.match(await page.locator('.pane.clean .peeked').innerText(), /ada@shop1\.example/);
  await page.locator('.pane.clean .class-a').click();
  assert.equal(await page.getByRole('button', { name: 'Show the value in this tab' }).count(), 0);
  await page.evaluate(() => document.activeElement.blur());

  // A case holds the shape, and what leaves is unchanged.
  await page.locator('.pane.raw .class-b').first().click();
  await page.getByRole('button', { name: 'Not sensitive…' }).click();
  await page.getByRole('button', { name: 'Keep the case' }).click();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('marks by hand');
  await page.keyboard.press('Enter');
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export the cases as JSON' }).click(),
  ]);
  const text = (await (await saved.createReadStream()).toArray()).join('');
  const told = JSON.parse(text);
  assert.equal(told.cases[0].want, 'no finding');
  assert.doesNotMatch(text, /ada@|shop1|zebra/);
});

test('a reload keeps the room, sealed; the end of the room leaves nothing', async (t) => {
  const { open } = await browser(t);
  const { page } = await open();
  await incident(page);
  await panel(page, 'Notes');
  await page.getByLabel('New note').fill('the pool is too small');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByText('kept in this browser, sealed').waitFor();
  await page.reload();
  await settled(page, 3);
  await panel(page, 'Notes');
  assert.equal(await page.getByRole('textbox', { name: 'Note', exact: true }).inputValue(), 'the pool is too small');

  const held = await stored(page);
  assert.equal(held.keys, 1);
  assert.equal(held.extractable, false);
  assert.ok(held.parts >= 4);
  for (const raw of ['checkout', 'shop1', 'too small', SECRET, 'synthetic']) {
    assert.ok(!held.texts.some((text) => text.includes(raw)), raw);
  }

  assert.equal(await copiesOpened(page), held.parts, 'the room’s key opens all of it');
  await page.getByRole('button', { name: 'End room' }).click();
  await page.getByRole('button', { name: 'End the room' }).click();
  await page.getByText(/Nothing of it is left in this browser/).waitFor();
  await page.locator('.welcome').waitFor();
  assert.equal(await copiesOpened(page), 0, 'a copy of what was kept cannot be read any more');
  const after = await stored(page);
  assert.equal(after.keys, 1, 'the fresh room alone');
  assert.equal(after.parts, 1);
  await page.reload();
  await page.locator('.welcome').waitFor();
});

test('several rooms stand side by side', async (t) => {
  const { open } = await browser(t);
  const { page } = await open();
  await paste(page, 'first room: connection refused\n');
  await settled(page, 1);
  await page.locator('.rooms select').selectOption('+');
  await page.locator('.welcome').waitFor();
  await paste(page, 'second room: disk full\n');
  await settled(page, 1);
  assert.match(await page.locator('.pane.raw').innerText(), /second room/);
  await page.locator('.rooms select').selectOption({ index: 1 });
  await page.getByText('first room').first().waitFor();
  assert.equal((await stored(page)).keys, 2);
});

test('two tabs do not write over each other', async (t) => {
  const { server, open } = await browser(t);
  const { context, page } = await open();
  await paste(page, 'first tab: connection refused\n');
  await settled(page, 1);
  await page.getByText('kept in this browser, sealed').waitFor();
  const other = await context.newPage();
  await other.goto(`${server.url}/`);
  await other.getByText(/is open in another tab. This is a new room/).waitFor();
  await other.locator('.welcome').waitFor();
  await paste(other, 'second tab: disk full\n');
  await settled(other, 1);
  await other.locator('.rooms select').selectOption({ index: 1 });
  await other.getByText('That room is open in another tab').waitFor();
  assert.match(await other.locator('.pane.raw').innerText(), /second tab/);
  await other.close();
  await page.reload();
  await settled(page, 1);
  assert.match(await page.locator('.pane.raw').innerText(), /(first|second) tab/);
  assert.equal((await stored(page)).keys, 2, 'both are kept');
});

test('names of people are found once their recogniser is here, as `cordon redact --names` finds them', async (t) => {
  const { server, open } = await browser(t);
  const { page } = await open();
  const text = 'ERROR refund for Peter Schneider failed\nplease call Maria Rossi about the invoice\n';
  await paste(page, text);
  await settled(page, 1);
  const clean = page.locator('.pane.clean');
  assert.match(await clean.innerText(), /Peter Schneider[\s\S]*Maria Rossi/);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('look for names');
  await page.keyboard.press('Enter');
  await page.getByText('Names of people are looked for, too.').waitFor();
  const shown = await clean.innerText();
  assert.doesNotMatch(shown, /Peter|Schneider|Maria|Rossi/);
  const forms = (said) => said.match(/person_[a-z2-7]{24}/g).map(() => 'person').length;
  assert.equal(forms(shown), forms(server.run(['redact', '--names'], text)));
  assert.ok(server.seen().some((line) => line.endsWith('/names.pack')));
});

test('the postmortem is written over, and scanned on its way out', async (t) => {
  const { open } = await browser(t);
  const { page } = await open();
  await incident(page);
  await panel(page, 'Postmortem');
  await page.getByLabel('Title', { exact: true }).fill('Checkout could not pay');
  await page.keyboard.press('Tab');
  await page.getByRole('textbox', { name: 'Summary' }).first().fill(`Told by ada@shop1.example, password=${SECRET}`);
  await page.keyboard.press('Tab');
  for (const [format, opening] of [['Markdown', /^# /], ['JSON', /^\{/], ['HTML', /^<!doctype html/i]]) {
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: `Export ${format}` }).click(),
    ]);
    const text = (await (await saved.createReadStream()).toArray()).join('');
    assert.match(text, opening);
    assert.match(text, /Checkout could not pay/);
    assert.match(text, /Told by/);
    assert.ok(!text.includes('ada@shop1') && !text.includes(SECRET) && !/@shop\d\.example/.test(text), format);
    assert.doesNotMatch(text, /<script|https?:\/\/(?!www\.w3)/i);
    if (format === 'JSON') assert.ok(JSON.parse(text).privacy.score >= 20, 'secrets were found in what was pasted');
  }
});

test('two sources are compared', async (t) => {
  const { open } = await browser(t);
  const { page } = await open();
  const [log] = sources();
  const half = log.text.indexOf('checkout 4.17.2 -> 4.18.0');
  await paste(page, log.text.slice(0, log.text.lastIndexOf('\n', half) + 1));
  await settled(page, 1);
  await paste(page, log.text.slice(log.text.lastIndexOf('\n', half) + 1));
  await settled(page, 2);
  const shown = await panel(page, 'Compare');
  await shown.getByRole('button', { name: 'Compare', exact: true }).click();
  await shown.getByText('Only in the second').waitFor();
  assert.match(await shown.innerText(), /payment failed/);
});
