// Visits to pages with bauta's own snippet on opaque paths, in whichever browser: what of a visit arrives at the vendor, and
// on which paths it was sent.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

import { TOKEN } from './posthog.js';
import { PREFIX, SITE } from './world.js';

/** The versions of posthog-js, newest first. */
export const VERSIONS = readFileSync(new URL('../posthog-js.lock', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line && !line.startsWith('#'))
  .map((line) => line.split(' ')[0]);

const FOLDER = process.env.POSTHOG_JS ?? 'target/posthog-js';

/** Every world to try: its name, what it is started with, and the clients of its pages. */
export const WORLDS = [
  { name: 'Plausible', vendor: 'plausible', options: {}, clients: ['script', 'per-site', 'npm'] },
  ...VERSIONS.map((version) => ({
    name: `posthog-js ${version}`,
    vendor: 'posthog',
    options: { posthog: { dist: `${FOLDER}/${version}/package/dist`, upstream: `tokens = ["${TOKEN}"]\ncookieless = true` } },
    // The option `rewriteRequestPath` came with 1.416; before, the page leads the client. A newer bundle can be led, too.
    clients: Number(version.split('.')[1]) >= 416 ? ['script', 'older'] : ['older'],
  })),
];

/** People without a grant, in every way that a browser can show. */
export const UNASKED = {
  'who refused': { user: 'bob', analytics: false },
  'who is logged out': {},
  'with Global Privacy Control': { user: 'alice', analytics: true, gpc: true },
  'with Do Not Track': { user: 'alice', analytics: true, dnt: true },
};

/** Events that a page sends on a visit, besides its pageview. */
const NAMES = Array.from({ length: 9 }, (_, index) => `Step ${index + 1}`);

/** The events of a visit that the vendor has: by the mark in the page's address or in their own name. */
export async function arrived(world, mark) {
  const events = await (typeof world.vendor.events === 'function' ? world.vendor.events() : world.vendor.events);
  const address = (event) => event.url ?? event.properties?.$current_url ?? '';
  return events.filter((event) => address(event).includes(`/${mark}`) || event.name.endsWith(mark));
}

/** How many events of a visit are counted: the pageview and the page's own. */
export const COUNTED = NAMES.length + 1;

/** Somebody who agreed opens a page, does something, and leaves. Answers the names of the events that arrived. */
export async function visit(world, { vendor, client, mark, setup }) {
  const before = asked(world, mark).length;
  const visitor = await world.visitor({ setup });
  await visitor.logIn('alice', { analytics: true });
  await visitor.open(`rendered/${vendor}/${client}`, `/${mark}`);
  const pageview = vendor === 'plausible' ? 'pageview' : '$pageview';
  await world.vendor.event(`the pageview of ${mark}`, (event) => event.name === pageview && JSON.stringify(event.url ?? event.properties).includes(mark));
  for (const name of NAMES) await visitor.send(`${name} ${mark}`, { plan: 'pro' });
  for (const name of NAMES) await world.vendor.event(`${name} ${mark}`, (event) => event.name === `${name} ${mark}`);
  if (vendor === 'posthog') {
    await visitor.evaluate((name) => {
      posthog.identify('jane.doe@example.com');
      posthog.capture(name);
    }, `Last ${mark}`);
    // Leaves while the last one is in the queue.
    await visitor.home();
    await world.vendor.event(`Last ${mark}`, (event) => event.name === `Last ${mark}`);
  }
  await visitor.leave();
  const events = (await arrived(world, mark)).map((event) => event.name);
  const requests = asked(world, mark).slice(before);
  return { events: [pageview, ...NAMES.map((name) => `${name} ${mark}`)].filter((name) => events.includes(name)), requests };
}

/** What the page with this mark asked bauta for. */
const asked = (world, mark) => world.front.requests.filter(({ referer }) => referer?.includes(`/${mark}`));

/** That every one of these requests took an alias. */
export function assertOpaque(requests, { root }) {
  assert.ok(requests.length >= 2, JSON.stringify(requests));
  const others = requests.filter(({ path }) => !new RegExp(`^/${root}/[a-z]{6}(\\.js)?$`).test(path));
  assert.deepEqual(others, [], 'requests beside the aliases');
}

/** Somebody without a grant opens the page: there is no alias in it, and what is sent on one all the same ends here. */
export async function visitUnasked(world, { vendor, client, mark, setup, who }) {
  const { root, words } = world.names;
  const { user, analytics, gpc, dnt } = UNASKED[who];
  const visitor = await world.visitor({ gpc, dnt, setup });
  if (user) await visitor.logIn(user, { analytics });
  const agreedBefore = await agreed(world);
  const before = asked(world, mark).length;
  for (const query of ['', '?otherwise=plain']) {
    await visitor.open(`rendered/${vendor}/${client}`, `/${mark}${query}`);
    const html = await visitor.evaluate(() => document.documentElement.outerHTML);
    assert.ok(!html.includes(root), `the page of somebody ${who} shows an alias`);
  }
  const own = asked(world, mark).slice(before);
  assert.deepEqual(own.filter(({ path }) => path.startsWith(`/${root}/`)), [], 'the page asked on an alias');
  if (client !== 'older' || vendor === 'plausible') {
    assert.ok(own.every(({ path }) => path.startsWith(`${PREFIX}/`)));
  }
  // A link that leaked, a cached page, a curious script: every word, asked for by this very session.
  const body = vendor === 'plausible' ? { n: `Leaked ${mark}`, u: `https://${SITE}/${mark}`, d: SITE } : { event: `Leaked ${mark}`, distinct_id: 'x', properties: { token: TOKEN } };
  const leaked = Object.entries(words).map(([path, word]) => [`/${root}/${word}${path.endsWith('.js') ? '.js' : ''}`, path.endsWith('.js') || path.startsWith('/a') && vendor === 'posthog' ? 'GET' : 'POST']);
  const answers = await visitor.evaluate(
    ([list, event]) =>
      Promise.all(list.map(([path, method]) => fetch(path, { method, ...(method === 'POST' && { body: JSON.stringify(event) }) }).then((answer) => [path, method, answer.status]))),
    [leaked, body],
  );
  const success = vendor === 'plausible' ? 202 : 200;
  for (const [path, method, status] of answers) assert.equal(status, method === 'POST' ? success : 404, `${method} ${path}`);
  assert.equal(await agreed(world), agreedBefore, `a request of somebody ${who} was accepted on an alias`);
  assert.ok(!(await arrived(world, mark)).some((event) => event.name.startsWith('Leaked')));
  await visitor.leave();
  return answers.length;
}

/** How many requests were let through on an alias. */
async function agreed(world) {
  return Number(/^bauta_aliases_total\{result="agreed"\} (\d+)$/m.exec(await world.bauta.metrics())?.[1] ?? 0);
}
