// The vendor's SDKs for servers in the trusted lane: what they call a person becomes the pseudonym of the browser's events.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { startBauta } from './support/bauta.js';
import { startPostHog, TOKEN } from './support/posthog.js';

const SITE = 'shop.example';
const EMAIL = 'jane.doe@example.com';
const PYTHON = `${process.env.POSTHOG_PYTHON ?? 'target/posthog-python'}/bin/python`;
const script = (name) => fileURLToPath(new URL(`servers/${name}`, import.meta.url));
const run = promisify(execFile);

let folder;
let vendor;
let bauta;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bauta-servers-'));
  vendor = await startPostHog();
  bauta = await startBauta({
    folder,
    host: '127.0.0.1',
    prefix: '/insight',
    vendor: vendor.url,
    sessionSecret: randomBytes(32).toString('base64url'),
    consent: 'default = "granted"\ni_have_another_legal_basis = "asked on paper"',
    kind: 'posthog',
    upstream: `tokens = ["${TOKEN}"]\n[site.upstream.trusted]\nnetworks = ["127.0.0.1/32"]`,
  });
});
after(async () => {
  const requests = await vendor.requests();
  assert.equal(await bauta.stop(), 0);
  await vendor.stop();
  rmSync(folder, { recursive: true });
  for (const { path, status, error, decoded } of requests) {
    assert.ok(status < 400, `${path}: ${error}`);
    assert.doesNotMatch(JSON.stringify(decoded), /jane\.doe|customer-4711/i, path);
  }
});

const LANES = [
  { name: 'posthog-node, first protocol', command: [process.execPath, script('send.mjs')], env: {}, path: '/batch/', steps: ['gzip'] },
  { name: 'posthog-node, first protocol, plain', command: [process.execPath, script('send.mjs')], env: { PLAIN: '1' }, path: '/batch/', steps: [] },
  { name: 'posthog-node, second protocol', command: [process.execPath, script('send.mjs')], env: { POSTHOG_CAPTURE_MODE: 'v1' }, path: '/i/v1/analytics/events' },
  { name: 'posthog-python, first protocol', command: [PYTHON, script('send.py')], env: {}, path: '/batch/', steps: [] },
  { name: 'posthog-python, first protocol, gzip', command: [PYTHON, script('send.py')], env: { GZIP: '1' }, path: '/batch/', steps: ['gzip'] },
  ...['none', 'gzip', 'deflate', 'zstd'].map((encoding) => ({
    name: `posthog-python, second protocol, ${encoding}`,
    command: [PYTHON, script('send.py')],
    env: { POSTHOG_CAPTURE_MODE: 'v1', POSTHOG_CAPTURE_COMPRESSION: encoding },
    path: '/i/v1/analytics/events',
  })),
];

for (const { name, command, env, path, steps } of LANES) {
  test(name, async () => {
    await vendor.clear();
    const [program, ...rest] = command;
    const { stdout } = await run(program, rest, {
      env: { PATH: process.env.PATH, ...env, SEND_TO: `http://127.0.0.1:${bauta.port}/insight`, SEND_TOKEN: TOKEN, SEND_USER: 'customer-4711', SEND_EMAIL: EMAIL },
    });
    const wanted = bauta.pseudonym('customer-4711');
    const paid = await vendor.event('Paid', (event) => event.name === 'Paid');
    assert.equal(paid.distinct_id, wanted);
    assert.equal(paid.properties.amount, 3);
    const identified = await vendor.event('$set', (event) => ['$set', '$identify'].includes(event.name));
    assert.equal(identified.distinct_id, wanted);
    const requests = await vendor.requests();
    const captured = requests.filter((request) => request.path === path);
    assert.ok(captured.length > 0, `${path} was used: ${requests.map((request) => request.path)}`);
    if (steps) assert.ok(captured.every((request) => steps.length === 0 || request.decoded), 'it decodes');
    const [call] = await vendor.flags();
    assert.equal(call.distinct_id, wanted);
    assert.deepEqual(JSON.parse(stdout.trim().split('\n').at(-1)), { 'price-test': call.values['price-test'] }, 'the SDK got the flag');
  });
}
