// Is Brave's engine, which is asked about the words of thousands of installs, a fair stand-in for Firefox with uBlock Origin?
// Both get the lists of Debian's package and the same requests from the same page, and must say the same of each.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';

import { words } from '../support/bauta.js';
import { certificate } from '../support/front.js';
import { TOKEN } from '../support/posthog.js';
import { controls } from './controls.js';
import { BLOCKER, person, startFirefox } from './firefox.js';

const ENGINE = process.env.ADBLOCK_ENGINE ?? 'tests/adblock/target/debug/bauta-adblock';
const PAGE = 'https://shop.example/checkout';

/** The lists that come with the blocker; one of them only warns of bad lists. */
function lists() {
  const folder = join(BLOCKER, 'assets');
  const found = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith('.txt') && !name.endsWith('badlists.txt'));
  return found.map((name) => join(folder, name));
}

/** Aliases as the clients ask for them. */
function aliases() {
  const installs = [words('--script', 'pa-k3J9x'), words('--vendor', 'posthog', '--token', TOKEN)];
  return installs.flatMap(({ root, words: leaves }) =>
    Object.entries(leaves).map(([path, word]) =>
      path.endsWith('.js')
        ? { kind: 'script', address: `https://shop.example/${root}/${word}.js` }
        : { kind: 'xmlhttprequest', address: `https://shop.example/${root}/${word}?ip=0&_=1763700000000&ver=1.300.0&compression=gzip-js` },
    ),
  );
}

/** What the engine says: the addresses that it blocks. */
function asked(requests) {
  const input = requests.map(({ kind, address }) => `${kind} ${address}\n`).join('');
  const output = execFileSync(ENGINE, ['judge', ...lists()], { input, encoding: 'utf8', maxBuffer: 1 << 24 });
  return new Set(output.split('\n').filter((line) => line.startsWith('blocked ')).map((line) => line.slice('blocked '.length)));
}

// A script is a GET that wants a script, a fetch is a POST: so the server tells the kinds apart.
const kindOf = ({ method, headers }) => (method === 'POST' ? 'xmlhttprequest' : { script: 'script', image: 'image' }[headers['sec-fetch-dest']]);

/** Sends every request from the page; answers those that did not arrive. */
async function sent(requests, setup, server) {
  const browser = await startFirefox({ hosts: 'all', port: server.address().port, ...setup });
  const page = (await (await person(browser)).pages())[0];
  await page.goto(PAGE);
  server.seen.clear();
  await page.evaluate(async (list) => {
    const element = (name, src) =>
      new Promise((done) => {
        const made = document.createElement(name);
        made.onload = made.onerror = () => done();
        made.src = src;
        document.body.append(made);
      });
    for (const { kind, address } of list) {
      if (kind === 'xmlhttprequest') await fetch(address, { method: 'POST', body: 'x', mode: 'no-cors' }).catch(() => {});
      else await element(kind === 'script' ? 'script' : 'img', address);
    }
  }, requests);
  await browser.close();
  return new Set(requests.map(({ kind, address }) => `${kind} ${address}`).filter((line) => !server.seen.has(line)));
}

describe('the engine and Firefox', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bauta-agreement-'));
  const requests = [...controls(), ...aliases()];
  let server;
  before(async () => {
    server = https.createServer(certificate(folder, ['shop.example']), (request, response) => {
      server.seen.add(`${kindOf(request)} https://${request.headers.host}${request.url}`);
      const type = { script: 'text/javascript', image: 'image/png' }[request.headers['sec-fetch-dest']] ?? 'text/html';
      response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' });
      response.end(type === 'text/html' ? '<!doctype html><title>Checkout</title><body>' : '');
    });
    server.seen = new Set();
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
  });
  after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });

  test('without a blocker everything arrives', async () => {
    assert.deepEqual([...(await sent(requests, {}, server))], []);
  });

  test('with it they agree on every request, third-party vendors are blocked and aliases are not', async () => {
    const engine = asked(requests);
    const firefox = await sent(requests, { blocker: true }, server);
    const all = requests.map(({ kind, address }) => `${kind} ${address}`);
    const differ = all.filter((line) => engine.has(line) !== firefox.has(line));
    console.log(`agreement: the engine and Firefox agree on ${all.length - differ.length} of ${all.length} requests (${firefox.size} blocked)`);
    assert.deepEqual(differ.map((line) => `${line}: the engine ${engine.has(line) ? 'blocks' : 'passes'} it`), []);
    const third = all.filter((line) => /https:\/\/plausible\.io\//.test(line));
    assert.deepEqual(third.filter((line) => !firefox.has(line)), [], 'what plausible.io serves is blocked');
    assert.ok(firefox.has('xmlhttprequest https://eu.i.posthog.com/e/?ip=0&_=1763700000000&ver=1.300.0&compression=gzip-js'));
    assert.deepEqual(aliases().map(({ kind, address }) => `${kind} ${address}`).filter((line) => firefox.has(line)), []);
  });
});
