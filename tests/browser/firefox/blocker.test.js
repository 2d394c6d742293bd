// Opaque paths in Firefox, without and with uBlock Origin and the lists that come with it: people who agreed lose no event
// to it, and nobody else is shown an alias or heard on one.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { COUNTED, UNASKED, WORLDS, assertOpaque, visit, visitUnasked } from '../support/visits.js';
import { startWorld } from '../support/world.js';
import { FIREFOX } from './firefox.js';

const BROWSERS = { 'without a blocker': {}, 'with uBlock Origin': { blocker: true } };
const sums = { without: 0, with: 0, unasked: 0 };

for (const { name, vendor, options, clients } of WORLDS) {
  describe(`Firefox and ${name}`, () => {
    let world;
    before(async () => (world = await startWorld({ ...options, aliased: true, driver: FIREFOX })));
    after(async () => {
      if (world) assert.equal(await world.stop(), 0, 'bauta drains and exits with 0');
    });

    for (const client of clients) {
      test(`who agreed loses no event to the blocker (${client})`, async () => {
        const seen = {};
        for (const [browser, setup] of Object.entries(BROWSERS)) {
          const { events, requests } = await visit(world, { vendor, client, mark: `${client}-${setup.blocker ? 'on' : 'off'}`, setup });
          assertOpaque(requests, world.names);
          seen[browser] = events.length;
          sums[setup.blocker ? 'with' : 'without'] += events.length;
        }
        assert.deepEqual(seen, { 'without a blocker': COUNTED, 'with uBlock Origin': COUNTED });
      });

      for (const who of Object.keys(UNASKED)) {
        test(`somebody ${who} is shown none and not heard on one (${client})`, async () => {
          sums.unasked += await visitUnasked(world, { vendor, client, mark: `unasked-${client}`, who, setup: { blocker: true } });
        });
      }
    }
  });
}

after(() => {
  console.log(`firefox: ${sums.with} of ${sums.without} events of people who agreed arrived with uBlock Origin on`);
  console.log(`firefox: 0 of ${sums.unasked} requests on aliases accepted of people without a grant`);
});
