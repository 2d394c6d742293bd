// The real clients on real pages: who gets an identity, and what the vendor sees of a person.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { CLIENTS } from './support/application.js';
import { SIBLING, SITE, STRANGER, startWorld } from './support/world.js';

let world;
before(async () => (world = await startWorld()));
after(async () => {
  if (!world) return;
  try {
    assertNothingPersonalArrived(world.vendor.requests);
    await assertTheBooksAreKept(world);
  } finally {
    assert.equal(await world.stop(), 0, 'bauta drains and exits with 0');
  }
});

for (const client of CLIENTS) {
  describe(`with the client ${client}`, () => {
    const unique = (name) => `${name} (${client})`;
    const arrived = (name) => world.vendor.event(name, (event) => event.name === name);
    const pageview = (mark) =>
      world.vendor.event(`the pageview of ${mark}`, (event) => event.name === 'pageview' && event.url.includes(mark));

    test('a person who logged in and agreed is a pseudonym', async () => {
      const visitor = await world.visitor();
      await visitor.logIn('alice', { analytics: true });
      await visitor.open(client, `/orders/${client}-agreed`);
      await visitor.send(unique('Agreed'), { plan: 'pro' });
      const [page, event] = [await pageview(`${client}-agreed`), await arrived(unique('Agreed'))];
      assert.equal(page.props.userId, world.bauta.pseudonym('alice'));
      assert.deepEqual(event.props, { plan: 'pro', userId: world.bauta.pseudonym('alice') });
      await visitor.leave();
    });

    test('a person who logged in and refused has no id', async () => {
      const visitor = await world.visitor();
      await visitor.logIn('bob', { analytics: false });
      await visitor.open(client, `/orders/${client}-refused`);
      await visitor.send(unique('Refused'), { plan: 'free' });
      assert.deepEqual((await pageview(`${client}-refused`)).props, {});
      assert.deepEqual((await arrived(unique('Refused'))).props, { plan: 'free' });
      assert.match(world.front.posts.at(-1).cookie, /app_session=/, 'the session did arrive');
      await visitor.leave();
    });

    test('a visitor without an account has no id', async () => {
      const visitor = await world.visitor();
      await visitor.open(client, `/orders/${client}-stranger`);
      await visitor.send(unique('Logged out'));
      assert.deepEqual((await pageview(`${client}-stranger`)).props, {});
      assert.deepEqual((await arrived(unique('Logged out'))).props, {});
      await visitor.leave();
    });

    test('Global Privacy Control beats the switch in the account', async () => {
      const visitor = await world.visitor({ gpc: true });
      await visitor.logIn('alice', { analytics: true });
      await visitor.open(client, `/orders/${client}-gpc`);
      assert.equal(await visitor.evaluate(() => navigator.globalPrivacyControl), true);
      await visitor.send(unique('With GPC'));
      assert.deepEqual((await pageview(`${client}-gpc`)).props, {});
      assert.deepEqual((await arrived(unique('With GPC'))).props, {});
      const sent = world.front.posts.at(-1);
      assert.equal(sent['sec-gpc'], '1');
      assert.match(sent.cookie, /app_session=/);
      await visitor.leave();
    });

    test('an identity that the page claims is not believed', async () => {
      const visitor = await world.visitor();
      await visitor.open(client, '/claims');
      await visitor.send(unique('Claims'), { userId: world.bauta.pseudonym('alice'), plan: 'pro' });
      assert.deepEqual((await arrived(unique('Claims'))).props, { plan: 'pro' });
      await visitor.logIn('carol', { analytics: true });
      await visitor.open(client, '/claims');
      await visitor.send(unique('Claims again'), { userId: world.bauta.pseudonym('alice') });
      assert.deepEqual((await arrived(unique('Claims again'))).props, { userId: world.bauta.pseudonym('carol') });
      await visitor.leave();
    });

    test('after logging out in the middle of a page the next event is clean', async () => {
      const visitor = await world.visitor();
      await visitor.logIn('dave', { analytics: true });
      await visitor.open(client, '/half-way');
      await visitor.send(unique('Before'));
      await visitor.evaluate(() => fetch('/logout'));
      await visitor.send(unique('After'));
      assert.deepEqual((await arrived(unique('Before'))).props, { userId: world.bauta.pseudonym('dave') });
      assert.deepEqual((await arrived(unique('After'))).props, {});
      await visitor.leave();
    });

    test('an address and a reset token in the page URL stay here', async () => {
      const visitor = await world.visitor();
      await visitor.logIn('erin', { analytics: true, email: 'erin.example@mail.test' });
      const token = 'rt_9f8e7d6c5b4a39281706';
      await visitor.open(client, `/welcome-${client}?email=jane.doe%40example.com&reset_token=${token}&utm_source=news`);
      await visitor.send(unique('Welcome'), { note: 'erin.example@mail.test', plan: 'pro' });
      const [page, event] = [await pageview(`welcome-${client}`), await arrived(unique('Welcome'))];
      for (const { url } of [page, event]) {
        assert.doesNotMatch(decodeURIComponent(url), /jane|rt_9f8e/);
        const { origin, pathname, searchParams } = new URL(url);
        assert.equal(`${origin}${pathname}`, `https://${SITE}/${client}/welcome-${client}`);
        assert.equal(searchParams.get('utm_source'), 'news');
      }
      assert.equal(event.props.plan, 'pro');
      assert.doesNotMatch(JSON.stringify(event.props), /erin/);
      await visitor.leave();
    });
  });
}

test('the same person is the same pseudonym in every client, and `bauta id` knows it', async () => {
  const ids = world.vendor.events.filter((event) => event.name.startsWith('Agreed')).map((event) => event.props.userId);
  assert.equal(ids.length, CLIENTS.length);
  assert.equal(new Set(ids).size, 1);
  assert.match(world.bauta.id('alice'), new RegExp(ids[0]));
});

test('an engagement event is its reader\'s, too', async () => {
  const visitor = await world.visitor();
  await visitor.logIn('frank', { analytics: true });
  await visitor.open('npm-tracker', '/reading');
  await visitor.evaluate(() => history.pushState({}, '', '/npm-tracker/next'));
  const engaged = await world.vendor.event('engagement with /reading', (event) => event.name === 'engagement' && event.url.endsWith('/reading'));
  assert.equal(engaged.props.userId, world.bauta.pseudonym('frank'));
  assert.equal(typeof engaged.body.sd, 'number');
  await visitor.leave();
});

// What any page can do without asking: a simple request, with the visitor's cookies, to somebody else's site.
// Chromium withholds cookies from the fetches of a foreign site, but not from those of a sibling, nor from a form.
const FORGERIES = {
  'a fetch of a sibling origin': {
    from: SIBLING,
    fetchSite: 'same-site',
    forge: ([site, event]) =>
      fetch(`https://${site}/insight/api/event`, { method: 'POST', mode: 'no-cors', credentials: 'include', body: JSON.stringify(event) }),
  },
  'a form of a foreign site': {
    from: STRANGER,
    fetchSite: 'cross-site',
    forge: ([site, event]) => {
      const form = Object.assign(document.createElement('form'), { method: 'post', enctype: 'text/plain', action: `https://${site}/insight/api/event` });
      // Sent as name=value, which is JSON again when the `=` stands inside a string.
      const [name, value] = `${JSON.stringify(event).slice(0, -1)},"x":"=`.split('=');
      form.append(Object.assign(document.createElement('input'), { name, value: `${value}"}` }));
      document.body.append(form);
      form.submit();
    },
  },
};

for (const [what, { from, fetchSite, forge }] of Object.entries(FORGERIES)) {
  test(`${what} cannot send in a visitor's name`, async () => {
    const visitor = await world.visitor();
    await visitor.logIn('grace', { analytics: true });
    await visitor.open('npm-tracker', '/', from);
    await visitor.evaluate(forge, [SITE, { n: what, u: `https://${from}/`, d: SITE, p: { plan: 'pro' } }]);
    const forged = await world.vendor.event(what, (event) => event.name === what);
    assert.deepEqual(forged.props, { plan: 'pro' });
    const sent = world.front.posts.at(-1);
    assert.equal(sent.origin, `https://${from}`);
    assert.equal(sent['sec-fetch-site'], fetchSite);
    assert.match(sent.cookie, /app_session=/, 'the browser did add the session');
    await visitor.leave();
  });
}

test('an event that the vendor discards is answered as the vendor answers, and counted', async () => {
  const visitor = await world.visitor({ userAgent: 'Mozilla/5.0 (X11; Linux x64) HeadlessChrome/156.0.0.0' });
  await visitor.open('npm-tracker', '/as-a-robot');
  assert.equal(await visitor.send('Robot'), 202);
  await visitor.leave();
});

test('two people on one connection are never mixed up', async () => {
  const people = ['heidi', 'ivan'];
  const visitors = await Promise.all(
    people.map(async (name, index) => {
      const visitor = await world.visitor();
      await visitor.logIn(name, { analytics: index === 0 });
      await visitor.open('npm-tracker', `/of-${name}`);
      return visitor;
    }),
  );
  const rounds = Array.from({ length: 25 }, (_, round) => round);
  await Promise.all(visitors.flatMap((visitor, index) => rounds.map((round) => visitor.send(`Round ${round}`, { seat: index }))));
  const events = world.vendor.events.filter((event) => event.name.startsWith('Round '));
  assert.equal(events.length, 2 * rounds.length);
  for (const { props } of events) {
    assert.equal(props.userId, String(props.seat) === '0' ? world.bauta.pseudonym('heidi') : undefined);
  }
  assert.equal(world.front.connections, 1, 'all of this went over one connection to bauta');
  await Promise.all(visitors.map((visitor) => visitor.leave()));
});

// What must be true of every request of every test above.
function assertNothingPersonalArrived(requests) {
  assert.ok(requests.length > 60, `the vendor saw ${requests.length} requests`);
  for (const { method, path, headers, raw, status } of requests) {
    const what = `${method} ${path}`;
    for (const name of ['cookie', 'referer', 'authorization', 'sec-gpc', 'forwarded', 'x-forwarded-host', 'x-real-ip']) {
      assert.equal(headers[name], undefined, `${what} carried ${name}`);
    }
    assert.ok(status < 300, `${what} was answered ${status}`);
    assert.doesNotMatch(path + raw, /alice|bob|carol|dave|grace|frank|Jane Roe/, `${what} names a person`);
    if (method === 'POST') assert.equal(headers['x-forwarded-for'], '127.0.0.1', what);
  }
  // The last words of a closing page included.
  const objected = requests.filter(({ event }) => event?.url.includes('-gpc'));
  assert.ok(objected.length > CLIENTS.length);
  for (const { event } of objected) assert.equal(event.props.userId, undefined, `${event.name} of a browser with Global Privacy Control`);
}

// Every event has one outcome, the outcomes are what the vendor saw, and the log has nobody in it.
async function assertTheBooksAreKept({ bauta, vendor }) {
  const until = Date.now() + 10_000;
  let metrics, received, inFlight;
  do {
    // What the last pages sent while they closed may still be on its way.
    metrics = await bauta.metrics();
    [, received] = /^bauta_events_received_total(?:\{[^}]*\})? (\d+)$/m.exec(metrics);
    [, inFlight] = /^bauta_events_in_flight(?:\{[^}]*\})? (\d+)$/m.exec(metrics);
  } while (Number(inFlight) > 0 && Date.now() < until);
  assert.equal(inFlight, '0', 'idle');
  const outcomes = {};
  for (const [, outcome, count] of metrics.matchAll(/^bauta_events_total\{.*?outcome="(\w+)".*?\} (\d+)$/gm)) {
    outcomes[outcome] = (outcomes[outcome] ?? 0) + Number(count);
  }
  const total = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
  assert.equal(Number(received), total, 'received = sum of outcomes');
  assert.equal(outcomes.foreign_origin, Object.keys(FORGERIES).length);
  const dropped = vendor.requests.filter((request) => request.dropped).length;
  assert.ok(dropped >= 2, 'the robot was discarded');
  assert.equal(outcomes.vendor_dropped, dropped);
  // A page that is closed takes its last request with it: that one may or may not have arrived.
  const stored = outcomes.attributed + outcomes.anonymous + outcomes.foreign_origin;
  const unsure = outcomes.abandoned + outcomes.unconfirmed;
  assert.ok(vendor.events.length >= stored && vendor.events.length <= stored + unsure, JSON.stringify({ outcomes, arrived: vendor.events.length }));
  assert.equal(total, stored + dropped + unsure, `nothing else became of any: ${JSON.stringify(outcomes)}`);
  assert.doesNotMatch(bauta.log, /alice|jane|rt_9f8e|@example\.com|eyJ/);
}
