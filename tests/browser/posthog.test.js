// The real posthog-js of four generations on real pages: who gets an identity, and what the vendor sees of a person.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';

import { SITE, startWorld } from './support/world.js';
import { TOKEN } from './support/posthog.js';

const LOCK = readFileSync(new URL('posthog-js.lock', import.meta.url), 'utf8');
const VERSIONS = LOCK.split('\n').filter((line) => line && !line.startsWith('#')).map((line) => line.split(' ')[0]);
const FOLDER = process.env.POSTHOG_JS ?? 'target/posthog-js';
const EMAIL = 'jane.doe@example.com';
const SENTINEL = '$posthog_cookieless';
// Queues leave soon; everything else as the client does it.
const INIT = { request_queue_config: { flush_interval_ms: 300 }, persistence: 'localStorage+cookie' };

for (const version of VERSIONS) {
  const [, minor] = version.split('.').map(Number);

  describe(`with posthog-js ${version}`, () => {
    let world;
    before(async () => {
      const upstream = `tokens = ["${TOKEN}"]\ncookieless = true`;
      world = await startWorld({ posthog: { dist: `${FOLDER}/${version}/package/dist`, upstream } });
    });
    after(async () => {
      if (!world) return;
      try {
        await assertNothingPersonalArrived(world.vendor);
      } finally {
        assert.equal(await world.stop(), 0, 'bauta drains and exits with 0');
      }
    });

    const open = async (visitor, mark, init = {}) => {
      const query = new URLSearchParams({ init: JSON.stringify({ ...INIT, ...init }) });
      return visitor.open('posthog', `/${mark}?${query}`);
    };
    const arrived = (name) => world.vendor.event(name, (event) => event.name === name);
    const of = (mark) => (event) => event.properties.$current_url?.includes(`/${mark}`);
    const page = (mark) => world.vendor.event(`the pageview of ${mark}`, (event) => event.name === '$pageview' && of(mark)(event));

    test('a person who logged in and agreed is one pseudonym in events and flags, whatever the page calls them', async () => {
      const visitor = await world.visitor();
      await visitor.logIn('alice', { analytics: true });
      await open(visitor, 'agreed');
      const wanted = world.bauta.pseudonym('alice');
      assert.equal((await page('agreed')).distinct_id, wanted);
      await visitor.evaluate((email) => {
        posthog.identify(email, { email, plan: 'pro' });
        posthog.alias('account-4711');
        posthog.group?.('company', 'org-5521', { name: 'Example' });
        posthog.capture('Paid', { amount: 3, receipt: `to ${email}` });
      }, EMAIL);
      const paid = await arrived('Paid');
      assert.equal(paid.distinct_id, wanted);
      assert.equal(paid.properties.amount, 3);
      assert.doesNotMatch(JSON.stringify(await world.vendor.events()), /account-4711|org-5521/);
      const identified = await arrived('$identify');
      assert.equal(identified.distinct_id, wanted);
      assert.ok(await world.vendor.flagCall((call) => call.distinct_id === wanted));
      const strangers = (await world.vendor.events()).filter((event) => of('agreed')(event) && event.distinct_id !== wanted);
      assert.deepEqual(strangers.map((event) => [event.name, event.distinct_id]), []);
      await visitor.leave();
    });

    test('a click is captured without what the button says about a person', async () => {
      const visitor = await world.visitor();
      await visitor.logIn('alice', { analytics: true });
      const tab = await open(visitor, 'clicks');
      await page('clicks');
      // The older clients listen once the vendor's configuration is there, and do not say when.
      await tab.evaluate(() => setInterval(() => document.querySelector('#buy').click(), 200));
      const click = await arrived('$autocapture');
      assert.equal(click.distinct_id, world.bauta.pseudonym('alice'));
      assert.match(JSON.stringify(click.properties), /buy/);
      await visitor.leave();
    });

    test('people who refused, and those without an account, are counted without anything that links', async () => {
      for (const user of ['bob', undefined]) {
        const visitor = await world.visitor();
        if (user) await visitor.logIn(user, { analytics: false });
        const mark = `quiet-${user ?? 'nobody'}`;
        await open(visitor, mark);
        await visitor.send(`Seen by ${mark}`, { plan: 'free' });
        const events = [await page(mark), await arrived(`Seen by ${mark}`)];
        for (const event of events) {
          const { raw } = event;
          assert.equal(raw.distinct_id ?? raw.properties.distinct_id, SENTINEL);
          assert.equal(event.properties.$cookieless_mode, true);
          for (const key of ['$session_id', '$window_id', '$device_id', '$user_id']) assert.ok(event.properties[key] == null, key);
          assert.equal(event.profile, false);
        }
        await visitor.leave();
      }
    });

    test('what a page sends while it closes arrives too', async () => {
      const visitor = await world.visitor();
      await visitor.logIn('dora', { analytics: true });
      const tab = await open(visitor, 'closing');
      await page('closing');
      await visitor.send('Last words');
      await tab.goto(`https://${SITE}/`);
      const wanted = world.bauta.pseudonym('dora');
      assert.equal((await arrived('Last words')).distinct_id, wanted);
      const leave = await world.vendor.event('its pageleave', (event) => event.name === '$pageleave' && of('closing')(event));
      assert.equal(leave.distinct_id, wanted);
      await visitor.leave();
    });

    test('who opted out in the client sends nothing', async () => {
      const visitor = await world.visitor();
      await visitor.logIn('erin', { analytics: true });
      const tab = await open(visitor, 'opted-out', { opt_out_capturing_by_default: true });
      await visitor.send('Unwanted');
      await visitor.evaluate(() => posthog.opt_in_capturing());
      await visitor.send('Wanted');
      // The older clients do not start their queue again: what is in it leaves with the page.
      await tab.goto(`https://${SITE}/`);
      await arrived('Wanted');
      assert.ok(!(await world.vendor.events()).some((event) => event.name === 'Unwanted'));
      await visitor.leave();
    });

    if (minor >= 250) {
      test('an exception arrives as one of the person, without the address in its message', async () => {
        const visitor = await world.visitor();
        await visitor.logIn('frank', { analytics: true });
        await open(visitor, 'broken');
        await page('broken');
        await visitor.evaluate((email) => posthog.captureException(new Error(`no such customer: ${email}`)), EMAIL);
        const exception = await arrived('$exception');
        assert.equal(exception.distinct_id, world.bauta.pseudonym('frank'));
        assert.match(JSON.stringify(exception.properties.$exception_list), /no such customer/);
        await visitor.leave();
      });
    }

    if (minor >= 449) {
      test('a page in cookieless mode stays so: no pseudonym under its flag', async () => {
        const visitor = await world.visitor();
        await visitor.logIn('grace', { analytics: true });
        await open(visitor, 'cookieless', { cookieless_mode: 'always' });
        await visitor.send('Without cookies');
        const event = await arrived('Without cookies');
        const id = event.raw.distinct_id ?? event.raw.properties.distinct_id;
        const pseudonym = world.bauta.pseudonym('grace');
        assert.ok(event.properties.$cookieless_mode === true ? id === SENTINEL : id === pseudonym, id);
        await visitor.leave();
      });

      test('the page is told not to record', async () => {
        const visitor = await world.visitor();
        await open(visitor, 'silent');
        await page('silent');
        assert.equal(await visitor.evaluate(() => posthog.sessionRecordingStarted()), false);
        assert.ok(!(await world.vendor.requests()).some((request) => request.path.startsWith('/s/')));
        await visitor.leave();
      });
    }
  });
}

// Over everything that one version's tests sent.
async function assertNothingPersonalArrived(vendor) {
  const requests = await vendor.requests();
  assert.ok(requests.length > 0);
  for (const request of requests) {
    const text = decodeURIComponent(JSON.stringify([request.decoded, request.query]).replaceAll(/%(?![0-9a-f]{2})/gi, '%25'));
    assert.doesNotMatch(text, /jane\.doe/i, `${request.method} ${request.path}`);
    for (const [name, value] of request.headers) {
      assert.notEqual(name, 'cookie');
      assert.doesNotMatch(value, /jane\.doe|app_session/i, name);
    }
    assert.ok(request.status < 400, `the vendor refused ${request.method} ${request.path}: ${request.error}`);
  }
}
