// The page that says what leaves, in a real browser: it shows a browser its own verdict, and lets it lower that.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { CLIENTS } from './support/application.js';
import { SITE, STRANGER, startWorld } from './support/world.js';

const PAGE = `https://${SITE}/insight/.well-known/bauta`;

describe('the statement', () => {
  let world;
  before(async () => (world = await startWorld()));
  after(async () => world && assert.equal(await world.stop(), 0, 'bauta drains and exits with 0'));

  /** Sends an event and answers the id it arrived with. */
  const idOf = async (visitor, name) => {
    await visitor.send(name);
    return (await world.vendor.event(name, (event) => event.name === name)).props.userId;
  };

  /** Opens the statement in a tab of its own, and what the browser complains of. */
  const read = async (visitor) => {
    const [page, complaints] = [await visitor.context.newPage(), []];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    await page.goto(PAGE);
    return { page, complaints, verdict: () => page.locator('.verdict .big').textContent() };
  };

  test('a person sees their verdict, objects, and the next event has no id', async () => {
    const visitor = await world.visitor();
    await visitor.logIn('alice', { analytics: true });
    await visitor.open(CLIENTS[0], '/statement');
    assert.equal(await idOf(visitor, 'Agreed'), world.bauta.pseudonym('alice'));
    const { page, complaints, verdict } = await read(visitor);
    assert.match(await verdict(), /You agreed to be counted/);
    assert.notEqual(await page.locator('button').first().evaluate((button) => getComputedStyle(button).minHeight), '0px', 'its style is let through');
    await page.getByRole('button', { name: 'Do not count me by account' }).click();
    await page.waitForURL(`${PAGE}?objected`);
    assert.match(await verdict(), /You objected/);
    assert.match(await page.getByRole('status').textContent(), /recorded/);
    assert.equal(await idOf(visitor, 'Objected'), undefined);
    await page.getByRole('button', { name: 'Send nothing at all' }).click();
    await page.waitForURL(`${PAGE}?objected`);
    await visitor.send('Silent');
    assert.match(await page.locator('.verdict li').first().textContent(), /Nothing is sent/);
    assert.deepEqual(complaints, []);
    await visitor.leave();
    const seen = world.vendor.events;
    assert.ok(!seen.some((event) => event.name === 'Silent'));
  });

  test('no other site can frame it or send its form', async () => {
    const visitor = await world.visitor();
    await visitor.logIn('bob', { analytics: true });
    const stranger = await visitor.context.newPage();
    await stranger.goto(`https://${STRANGER}/${CLIENTS[0]}/trap`);
    await stranger.evaluate(async (url) => {
      const frame = document.createElement('iframe');
      frame.src = url;
      const shown = new Promise((done) => (frame.onload = done));
      document.body.append(frame);
      await shown;
      await fetch(url, { method: 'POST', mode: 'no-cors', credentials: 'include', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'objection=everything' });
    }, PAGE);
    const framed = stranger.frames().filter((frame) => frame.url().startsWith(PAGE));
    assert.deepEqual(framed, [], 'the frame stays empty');
    await stranger.setContent(`<form method="post" action="${PAGE}"><input name="objection" value="everything"></form>`);
    const [answer] = await Promise.all([stranger.waitForResponse(PAGE), stranger.evaluate(() => document.forms[0].submit())]);
    assert.equal(answer.status(), 403);
    await stranger.close();
    await visitor.open(CLIENTS[0], '/after-the-trap');
    assert.equal(await idOf(visitor, 'After the trap'), world.bauta.pseudonym('bob'));
    await visitor.leave();
  });
});
