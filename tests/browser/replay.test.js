// The real recorder of posthog-js on a real page: what is drawn on it arrives unpacked, scrubbed and packed again.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';

import { TOKEN } from './support/posthog.js';
import { startWorld } from './support/world.js';

const LOCK = readFileSync(new URL('posthog-js.lock', import.meta.url), 'utf8');
const VERSIONS = LOCK.split('\n').filter((line) => line && !line.startsWith('#')).map((line) => line.split(' ')[0]);
const FOLDER = process.env.POSTHOG_JS ?? 'target/posthog-js';
/** Of somebody whom no session knows. */
const STRANGER = 'jane.doe@example.com';
const DEADLINE = 30_000;
const FULL = 2;
const INCREMENTAL = 3;

// The oldest client has no recorder.
for (const version of VERSIONS.filter((version) => Number(version.split('.')[1]) >= 96)) {
  describe(`with the recorder of posthog-js ${version}`, () => {
    let world;
    before(async () => {
      const upstream = `tokens = ["${TOKEN}"]\nreplay = "scrub"`;
      const consent = '[site.consent.purposes.replay]\nallow = "granted"';
      world = await startWorld({ posthog: { dist: `${FOLDER}/${version}/package/dist`, records: true, upstream }, consent });
    });
    after(async () => {
      if (world) assert.equal(await world.stop(), 0, 'bauta drains and exits with 0');
    });

    test('a page is recorded under the pseudonym, whole, and without the addresses on it', async () => {
      const visitor = await world.visitor();
      await visitor.logIn('alice', { analytics: true });
      const init = new URLSearchParams({ init: JSON.stringify({ persistence: 'localStorage+cookie', session_recording: { maskAllInputs: false } }) });
      const tab = await visitor.open('posthog', `/recorded?${init}`);
      await plant(tab, STRANGER, 'before');
      await tab.waitForFunction(() => posthog.sessionRecordingStarted());
      // Changes come as increments; each is a new chance to be packed.
      for (let round = 0; round < 3; round += 1) await plant(tab, STRANGER, `round-${round}`);
      const parts = await recorded(world.vendor, (all) => all.some(isFull) && all.some((part) => part.type === INCREMENTAL && text(part).includes('round-2')));
      const wanted = world.bauta.pseudonym('alice');
      for (const request of await snapshots(world.vendor)) {
        for (const event of events(request)) assert.equal(event.properties.distinct_id, wanted);
        assert.doesNotMatch(JSON.stringify(request.headers), /jane\.doe|app_session/i);
      }
      const everything = decodeURIComponent(JSON.stringify(parts).replaceAll(/%(?![0-9a-f]{2})/gi, '%25'));
      assert.doesNotMatch(everything, /jane\.doe|alice@/i);
      assert.match(everything, /Pay as \*email\*/);
      assert.match(everything, /write to \*email\* about before/);
      assert.match(everything, /write to \*email\* about round-2/);
      // The page can still be drawn: a document with its elements, each with its id, and what came later hangs from one of them.
      const full = parts.find(isFull);
      const ids = new Set(nodes(full.data.node).map((node) => node.id));
      assert.ok(ids.size > 10 && !ids.has(undefined), `${ids.size} nodes`);
      const added = parts.filter((part) => part.type === INCREMENTAL).flatMap((part) => listed(part.data.adds));
      assert.ok(added.length > 0 && added.every(({ parentId, node }) => parentId > 0 && node.id > 0));
      await visitor.leave();
    });

    test('who did not agree to that purpose is not recorded', async () => {
      await world.vendor.clear();
      const visitor = await world.visitor();
      await visitor.logIn('bob', { analytics: false });
      const tab = await visitor.open('posthog', '/refused?init={}');
      await plant(tab, STRANGER, 'refused');
      // What the page holds back leaves with it, and is counted here.
      await tab.goto('about:blank');
      await counted(world.bauta, 'local');
      assert.deepEqual(await snapshots(world.vendor), []);
      await visitor.leave();
    });
  });
}

/** Writes an address where a page may have one: in a text, a link, a title and what can be typed; and moves as a person does:
 * the recorder sends nothing of a page on which nobody is. */
async function plant(tab, email, mark) {
  await tab.mouse.move(10, 300);
  await tab.mouse.click(60, 320);
  await tab.evaluate(
    ([address, about]) => {
      const box = document.createElement('div');
      box.title = `contact ${address}`;
      box.innerHTML = `<p>write to ${address} about ${about}</p><a href="/write?email=${encodeURIComponent(address)}">write</a><input value="${address}">`;
      document.querySelector('main').append(box);
    },
    [email, mark],
  );
}

const snapshots = async (vendor) => (await vendor.requests()).filter((request) => request.path.startsWith('/s/') && request.status < 300);
const events = (request) => [request.decoded].flat().flatMap((body) => body.batch ?? [body]);

/** Waits until an event has ended so. */
async function counted(bauta, outcome) {
  const line = new RegExp(`^bauta_events_total\\{[^}]*outcome="${outcome}"\\} [1-9]`, 'm');
  for (const until = Date.now() + DEADLINE; !line.test(await bauta.metrics()); ) {
    assert.ok(Date.now() < until, `no event ended as ${outcome}`);
    await new Promise((again) => setTimeout(again, 50));
  }
}

/** The parts of all recordings, unpacked, once they are as wanted. */
async function recorded(vendor, enough) {
  const until = Date.now() + DEADLINE;
  for (;;) {
    const parts = (await snapshots(vendor)).flatMap(events).flatMap((event) => [event.properties.$snapshot_data].flat()).map(unpacked);
    if (enough(parts)) return parts;
    if (Date.now() > until) throw new Error(`only these parts came: ${JSON.stringify(parts.map((part) => part.type))}`);
    await new Promise((again) => setTimeout(again, 100));
  }
}

/** A value with everything that was packed inside of it: gzip, each byte one character. */
function unpacked(value) {
  if (typeof value === 'string' && value.startsWith('\x1f\x8b')) return JSON.parse(gunzipSync(Buffer.from(value, 'latin1')).toString());
  if (Array.isArray(value)) return value.map(unpacked);
  if (value && typeof value === 'object') return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unpacked(inner)]));
  return value;
}

const isFull = (part) => part.type === FULL && text(part).includes('Pay as');
const text = (part) => JSON.stringify(part);
const listed = (list) => (Array.isArray(list) ? list : []);
const nodes = (node) => [node, ...listed(node.childNodes).flatMap(nodes)];
