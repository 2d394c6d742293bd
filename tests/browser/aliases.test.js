// Opaque paths in Chromium, with the snippet that bauta gives out for a session: every request of every client takes them
// for people who agreed, and nobody else is shown one or heard on one.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { COUNTED, UNASKED, WORLDS, assertOpaque, visit, visitUnasked } from './support/visits.js';
import { startWorld } from './support/world.js';

for (const { name, vendor, options, clients } of WORLDS) {
  describe(`opaque paths with ${name}`, () => {
    let world;
    before(async () => (world = await startWorld({ ...options, aliased: true })));
    after(async () => {
      if (world) assert.equal(await world.stop(), 0, 'bauta drains and exits with 0');
    });

    for (const client of clients) {
      test(`who agreed sends everything over them (${client})`, async () => {
        const { events, requests } = await visit(world, { vendor, client, mark: `agreed-${client}` });
        assert.equal(events.length, COUNTED, events.join());
        assertOpaque(requests, world.names);
      });

      for (const who of Object.keys(UNASKED)) {
        test(`somebody ${who} is shown none and not heard on one (${client})`, async () => {
          await visitUnasked(world, { vendor, client, mark: `unasked-${client}`, who });
        });
      }
    }
  });
}
