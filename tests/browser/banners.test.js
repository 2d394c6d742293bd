// Consent banners from npm, clicked in Chromium, and the two IAB libraries: the next event follows what the person chose.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import { GppModel } from '@iabgpp/cmpapi';
import * as iab from '@iabtcf/core';

import { BANNERS } from './support/banners.js';
import { SWITCH } from './support/bauta.js';
import { TOKEN } from './support/posthog.js';
import { startWorld } from './support/world.js';

// The wording of a banner that speaks for accounts: without it a browser's answer identifies nobody.
const COVERS = 'covers_account = "Section 3: also while you are logged in"';
const POSTHOG_JS = process.env.POSTHOG_JS ?? 'target/posthog-js';

/** A world for the tests of one `describe`. Over all that arrived: no cookie, no name. */
function withWorld(options) {
  const running = {};
  before(async () => Object.assign(running, await startWorld(options)));
  after(async () => {
    if (!running.stop) return;
    try {
      for (const { method, path, headers, raw } of running.vendor.requests) {
        assert.equal(headers.cookie, undefined, `${method} ${path}`);
        assert.doesNotMatch(path + raw, /alice|bob|carol/, `${method} ${path}`);
      }
    } finally {
      assert.equal(await running.stop(), 0, 'bauta drains and exits with 0');
    }
  });
  return running;
}

/** Sends an event and answers the id it arrived with. */
async function idOf(world, visitor, name) {
  await visitor.send(name);
  return (await world.vendor.event(name, (event) => event.name === name)).props.userId;
}

for (const [name, banner] of Object.entries(BANNERS)) {
  describe(`with the banner ${name}`, () => {
    const world = withWorld({ sources: banner.source, consent: COVERS });
    const open = async (user) => {
      const visitor = await world.visitor();
      await visitor.logIn(user, { analytics: false });
      const tab = await visitor.open('banner', `/${name}`);
      await tab.waitForFunction(() => window.bannerReady !== false);
      return visitor;
    };
    const arrivedHere = () => assert.match(world.front.posts.at(-1).cookie, new RegExp(`(^|; )${banner.cookie}=`), "the banner's cookie did arrive");

    test('who accepts is identified from the next event on, and after withdrawing no longer', async () => {
      const visitor = await open('alice');
      assert.equal(await idOf(world, visitor, 'Not asked yet'), undefined);
      await visitor.choose(banner.accept);
      assert.equal(await idOf(world, visitor, 'Accepted'), world.bauta.pseudonym('alice'));
      arrivedHere();
      await visitor.choose(banner.reopen, banner.withdraw);
      assert.equal(await idOf(world, visitor, 'Withdrawn'), undefined);
      arrivedHere();
      await visitor.leave();
    });

    test('who rejects is not identified, until they accept after all', async () => {
      const visitor = await open('bob');
      await visitor.choose(banner.reject);
      assert.equal(await idOf(world, visitor, 'Rejected'), undefined);
      arrivedHere();
      await visitor.choose(banner.reopen, banner.acceptAgain);
      assert.equal(await idOf(world, visitor, 'Accepted after all'), world.bauta.pseudonym('bob'));
      await visitor.leave();
    });
  });
}

describe('without the wording that covers accounts', () => {
  const banner = BANNERS.cookieconsent;
  const world = withWorld({ sources: banner.source });

  test('a click on accept alone identifies nobody who is logged in', async () => {
    const visitor = await world.visitor();
    await visitor.logIn('carol', { analytics: false });
    await visitor.open('banner', '/cookieconsent');
    await visitor.choose(banner.accept);
    assert.equal(await idOf(world, visitor, 'Accepted in the browser only'), undefined);
    await visitor.leave();
  });
});

for (const folder of ['1.449.2', '1.250.0']) {
  describe(`with the choice of posthog-js ${folder}`, () => {
    const world = {};
    const upstream = `tokens = ["${TOKEN}"]\ncookieless = true`;
    before(async () => {
      const posthog = { dist: `${POSTHOG_JS}/${folder}/package/dist`, upstream };
      Object.assign(world, await startWorld({ posthog, sources: `{ kind = "posthog", token = "${TOKEN}" }`, consent: COVERS }));
    });
    after(async () => world.stop && assert.equal(await world.stop(), 0, 'bauta drains and exits with 0'));

    // Another script of the page, for the client itself says nothing once it is opted out.
    const other = async (visitor, event) => {
      const body = { api_key: TOKEN, event, properties: { distinct_id: 'page', token: TOKEN } };
      const status = await visitor.evaluate(async (sent) => (await fetch('/insight/e/', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(sent) })).status, body);
      assert.equal(status, 200);
      const { raw } = await world.vendor.event(event, (stored) => stored.name === event);
      return raw.distinct_id ?? raw.properties.distinct_id;
    };

    test('opting in identifies, opting out ends it with the next event', async () => {
      const init = { opt_out_capturing_persistence_type: 'cookie', request_queue_config: { flush_interval_ms: 300 }, persistence: 'localStorage+cookie' };
      const visitor = await world.visitor();
      await visitor.logIn('alice', { analytics: false });
      await visitor.open('posthog', `/choice?${new URLSearchParams({ init: JSON.stringify(init) })}`);
      await visitor.evaluate(() => new Promise((ready) => (posthog.__loaded ? ready() : posthog.push(ready))));
      const wanted = world.bauta.pseudonym('alice');
      assert.notEqual(await other(visitor, 'Not asked yet'), wanted);
      await visitor.evaluate(() => posthog.opt_in_capturing());
      await visitor.send('Opted in');
      assert.equal((await world.vendor.event('Opted in', (event) => event.name === 'Opted in')).distinct_id, wanted);
      assert.equal(await other(visitor, 'Opted in, another script'), wanted);
      await visitor.evaluate(() => posthog.opt_out_capturing());
      assert.notEqual(await other(visitor, 'Opted out, another script'), wanted);
      await visitor.send('Unwanted');
      assert.notEqual(await other(visitor, 'After the unwanted one'), wanted);
      assert.ok(!(await world.vendor.events()).some((event) => event.name === 'Unwanted'));
      await visitor.leave();
    });
  });
}

/** What a page with such a library does after a choice: writes the string into its cookie. */
async function write(visitor, cookie, value) {
  await visitor.evaluate((text) => { document.cookie = text; }, `${cookie}=${value}; Secure; Path=/; SameSite=Lax; Max-Age=3600`);
}

describe('with strings of @iabtcf/core', () => {
  const world = withWorld({ sources: '{ kind = "tcf" }', consent: COVERS });
  // The vendor list, as far as the encoder wants one: it only asks whether a number is listed.
  const list = () => {
    const purposes = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [index + 1, { id: index + 1, name: `${index + 1}` }]));
    return new iab.GVL({ gvlSpecificationVersion: 3, vendorListVersion: 100, tcfPolicyVersion: 5, lastUpdated: '2026-01-01T00:00:00Z', purposes, specialPurposes: {}, features: {}, specialFeatures: {}, stacks: {}, vendors: {} });
  };
  const encode = (fill) => {
    const model = new iab.TCModel(list());
    Object.assign(model, { cmpId: 31, cmpVersion: 1, consentScreen: 1, consentLanguage: 'EN', publisherCountryCode: 'DE', isServiceSpecific: true });
    fill(model);
    return iab.TCString.encode(model);
  };

  test('the publisher segment decides: accept, reject, withdraw, and legitimate interest is no consent', async () => {
    const visitor = await world.visitor();
    await visitor.logIn('alice', { analytics: false });
    await visitor.open('npm-tracker', '/tcf');
    const wanted = world.bauta.pseudonym('alice');
    const steps = {
      Rejected: [undefined, () => {}],
      'Legitimate interest': [undefined, (model) => model.publisherLegitimateInterests.set([1, 8])],
      'For vendors only': [undefined, (model) => (model.purposeConsents.set([1, 8]), model.publisherConsents.set([1]))],
      Accepted: [wanted, (model) => model.publisherConsents.set([1, 8])],
      Withdrawn: [undefined, (model) => model.publisherConsents.set([1])],
    };
    assert.equal(await idOf(world, visitor, 'Not asked yet'), undefined);
    for (const [step, [id, fill]] of Object.entries(steps)) {
      await write(visitor, 'euconsent-v2', encode(fill));
      assert.equal(await idOf(world, visitor, step), id, step);
    }
    await visitor.leave();
  });
});

describe('with strings of @iabgpp/cmpapi', () => {
  const world = withWorld({ sources: `${SWITCH}, { kind = "gpp" }` });
  const encode = (fields) => {
    const model = new GppModel();
    for (const [field, value] of Object.entries(fields)) model.setFieldValue('usnat', field, value);
    return model.encode();
  };

  test('an opt-out ends what the account agreed to, and its absence grants nothing', async () => {
    const told = { SaleOptOutNotice: 1, SharingOptOutNotice: 1, TargetedAdvertisingOptOutNotice: 1 };
    const stays = { ...told, SaleOptOut: 2, SharingOptOut: 2, TargetedAdvertisingOptOut: 2 };
    for (const [user, analytics] of [['alice', true], ['bob', false]]) {
      const visitor = await world.visitor();
      await visitor.logIn(user, { analytics });
      await visitor.open('npm-tracker', '/gpp');
      const agreed = analytics ? world.bauta.pseudonym(user) : undefined;
      const steps = {
        'nothing opted out': [agreed, stays],
        'sale opted out': [undefined, { ...stays, SaleOptOut: 1 }],
        'opted in again': [agreed, stays],
        'by the browser': [undefined, { ...stays, GpcSegmentIncluded: true, Gpc: true }],
      };
      for (const [step, [id, fields]] of Object.entries(steps)) {
        await write(visitor, '__gpp', encode(fields));
        assert.equal(await idOf(world, visitor, `${analytics}: ${step}`), id, `${user}: ${step}`);
      }
      await visitor.leave();
    }
  });
});
