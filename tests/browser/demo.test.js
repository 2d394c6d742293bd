// `bauta demo` as a stranger meets it: one command, one address, click around. What the page claims to have happened is
// compared with what the vendor says it stored. Screenshots: target/screenshots/.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';

import { person, startBrowser } from './support/browser.js';

const SCREENSHOTS = new URL('../../target/screenshots/', import.meta.url).pathname;
const EMAIL = 'ada.lanternfield@example.org';

let demo, browser, objecting;
before(async () => {
  mkdirSync(SCREENSHOTS, { recursive: true });
  demo = await startDemo();
  browser = await startBrowser({ hosts: [] });
  objecting = await startBrowser({ hosts: [], gpc: true });
});
after(async () => {
  await browser?.close();
  await objecting?.close();
  demo?.child.kill('SIGTERM');
  if (demo) assert.equal(await demo.ended, 0, 'the demo stops when told to');
});

test('the demo shows each event before and after, for every answer a person can give', async () => {
  const shop = await visit();

  await shop.settled('pageview');
  await shop.says(/Nobody logged in.*without any identity/);
  await shop.screenshot('1-nobody');

  await shop.submits(shop.page.getByRole('button', { name: 'Ada' }));
  await shop.settled('pageview');
  await shop.says(/Ada, not sharing.*without any identity/);

  await shop.submits(shop.page.getByRole('switch', { name: 'Share usage data' }));
  await shop.settled('pageview');
  const pseudonym = /knows this person as (u\w_[\w-]{22}) /.exec(await shop.verdict())?.[1];
  assert.ok(pseudonym, await shop.verdict());
  await shop.screenshot('2-sharing');

  await shop.page.getByRole('link', { name: 'Your order' }).click();
  await shop.settled('pageview', () => shop.page.locator('#sent', { hasText: EMAIL }));
  const [sent, received] = [await shop.side('sent'), await shop.side('received')];
  assert.ok(sent.includes('/orders/2041') && received.includes('/orders/2041'), received);
  assert.ok(sent.includes('masks_session') && !received.includes('masks_session'), 'the cookie stays');
  assert.ok(!received.includes('ada.lanternfield'), received);
  assert.ok(received.includes('utm_source=mail'), received);
  await shop.screenshot('3-order');

  await shop.page.getByRole('button', { name: 'Claim to be somebody' }).click();
  await shop.settled('Claim');
  assert.ok((await shop.side('sent')).includes('somebody-else'));
  assert.ok((await shop.side('received')).includes(pseudonym) && !(await shop.side('received')).includes('somebody-else'));

  await shop.page.getByRole('button', { name: /49\.90/ }).click();
  await shop.settled('Add To Cart');
  assert.ok((await shop.side('received')).includes('bauta'));
  await shop.page.getByRole('button', { name: 'Subscribe' }).click();
  await shop.settled('Newsletter');
  assert.ok(!(await shop.side('received')).includes('ada.lanternfield'));
  await shop.page.getByRole('button', { name: 'Gift card' }).click();
  await shop.settled('Gift Card');
  assert.doesNotMatch(await shop.side('received'), /Lanternfield|7700/);
  await shop.page.getByRole('button', { name: '30 properties' }).click();
  await shop.settled('Thirty');
  assert.match(await shop.verdict(), new RegExp(pseudonym));
  await shop.screenshot('4-thirty');

  const levels = await shop.page.locator('#levels article').allInnerTexts();
  assert.equal(levels.length, 6);
  assert.deepEqual(
    levels.map((text) => text.includes(pseudonym)),
    [true, false, false, false, false, false],
    'only who agreed is somebody',
  );
  assert.equal(levels.filter((text) => text.includes('Nothing left')).length, 2);

  await shop.submits(shop.page.getByRole('switch', { name: 'Share usage data' }));
  await shop.settled('pageview');
  await shop.says(/Ada, not sharing.*without any identity/);
  await shop.submits(shop.page.getByRole('button', { name: 'Log out' }));
  await shop.settled('pageview');
  await shop.says(/Nobody logged in.*without any identity/);

  const stored = await (await fetch(demo.vendor)).text();
  assert.ok(stored.includes(pseudonym), 'the vendor has what the page showed');
  for (const secret of ['masks_session', 'ada.lanternfield', 'Lanternfield', 'acct_5e1f09ad27', 'rt_9f8e', 'somebody-else', '7700']) {
    assert.ok(!stored.includes(secret), `the vendor stored ${secret}`);
  }
  shop.assertQuiet();
  await shop.close();
});

test('with Global Privacy Control the switch does not count', async () => {
  const shop = await visit({ by: objecting });
  await shop.submits(shop.page.getByRole('button', { name: 'Grace' }));
  await shop.settled('pageview');
  await shop.submits(shop.page.getByRole('switch', { name: 'Share usage data' }));
  await shop.settled('pageview');
  await shop.says(/Grace, sharing, Global Privacy Control.*without any identity/);
  const events = await (await fetch(`${demo.url}demo/state?after=0`)).json();
  const hers = events.filter((event) => event.who === 'grace');
  assert.ok(hers.length > 1);
  for (const { name, gpc, received } of hers) assert.ok(gpc && !received.body.includes('userId'), `${name} has no identity`);
  await shop.screenshot('5-gpc');
  shop.assertQuiet();
  await shop.close();
});

test('the page fits a telephone, in the dark', async () => {
  const shop = await visit({ viewport: { width: 390, height: 844 }, colorScheme: 'dark' });
  await shop.settled('pageview');
  const wide = await shop.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(wide, 0, 'nothing to scroll sideways');
  await shop.screenshot('6-telephone');
  shop.assertQuiet();
  await shop.close();
});

// ---------------------------------------------------------------------------------------------------------------------

async function startDemo() {
  const child = spawn(process.env.BAUTA_BIN ?? 'target/debug/bauta', ['demo', '--address', '127.0.0.1:0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NO_COLOR: '1', DO_NOT_TRACK: undefined },
  });
  const ended = once(child, 'exit').then(([code]) => code);
  const found = {};
  for await (const line of createInterface(child.stdout)) {
    found.url ??= /Open\s+(http:\S+)/.exec(line)?.[1];
    found.vendor ??= /vendor stored: (http:\S+)/.exec(line)?.[1];
    if (found.url && found.vendor) break;
  }
  assert.ok(found.url && found.vendor, 'the demo prints its addresses');
  child.stdout.resume();
  return { child, ended, ...found };
}

/** A visitor of the shop. */
async function visit({ by = browser, ...look } = {}) {
  const context = await person(by);
  const page = await context.newPage();
  if (look.viewport) await page.setViewportSize(look.viewport);
  if (look.colorScheme) await page.emulateMedia({ colorScheme: look.colorScheme });
  const complaints = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('request', (request) => request.url().startsWith(demo.url) || complaints.push(`asked ${request.url()}`));
  await page.goto(demo.url);
  const newest = () => page.locator('#events button').first();
  return {
    page,
    /** Waits until the newest event has this name, is the one shown, and its comparison is there. */
    async settled(name, also) {
      await page.locator('#events button[aria-current=true]', { hasText: name }).first().waitFor();
      await newest().and(page.locator('[aria-current=true]')).waitFor();
      if (also) await also().waitFor();
      await page.locator('#levels article').nth(5).waitFor();
    },
    /** Clicks a button whose form leads to a new page, and waits for that page. */
    async submits(button) {
      await page.evaluate(() => (window.isOld = true));
      await button.click();
      await page.waitForFunction(() => !window.isOld);
    },
    /** Waits until the shown event's verdict reads like this: the newest page's event may still be on its way. */
    says: (pattern) => page.locator('#verdict', { hasText: pattern }).waitFor(),
    verdict: () => page.locator('#verdict').innerText(),
    side: (which) => page.locator(`#${which}`).innerText(),
    screenshot: (name) => page.screenshot({ path: `${SCREENSHOTS}${name}.png`, fullPage: true }),
    assertQuiet: () => assert.deepEqual(complaints, [], 'no errors in the console, no foreign request'),
    close: () => context.close(),
  };
}
