// bauta under steady load for SOAK_SECONDS, from the outside: every answer is what the client expects, no identity is
// ever mixed up, the books balance, and neither memory nor descriptors grow. Ends with 1 if any of that is not so.

import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { SESSION_COOKIE, session } from './support/application.js';
import { startBauta } from './support/bauta.js';

const SECONDS = Number(process.env.SOAK_SECONDS ?? 600);
const CONNECTIONS = 32;
const USERS = 200;
const HOST = 'shop.example';

const folder = mkdtempSync(join(tmpdir(), 'bauta-soak-'));
const secret = randomBytes(32).toString('base64url');
const faults = [];
const seen = { stored: 0, identified: 0 };
let expected;

// Knows from the event who it is of, so it can tell when somebody else's name stands on it.
const vendor = http.createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const { p: props = {} } = JSON.parse(Buffer.concat(chunks));
  seen.stored += 1;
  if (props.userId) seen.identified += 1;
  if (props.userId !== expected.get(props.of)) faults.push(`the event of ${props.of} arrived as ${props.userId}`);
  if (request.headers.cookie || request.headers.referer) faults.push('a Cookie or Referer header arrived');
  response.writeHead(202, { 'content-type': 'text/plain' }).end('ok');
});
await new Promise((done) => vendor.listen(0, '127.0.0.1', done));

const bauta = await startBauta({
  folder,
  host: HOST,
  prefix: '/insight',
  vendor: `http://127.0.0.1:${vendor.address().port}`,
  sessionSecret: secret,
  quota: 'per_visitor = "1000000/min"\nper_address = "10000000/min"',
});

// Four of five agree; every tenth visitor has no account.
// Events tell by the seat who they are of: an account's own id is removed wherever it stands.
const seat = (index) => `seat-${[Math.floor(index / 26), index % 26].map((digit) => String.fromCharCode(97 + digit)).join('')}`;
const people = Array.from({ length: USERS }, (_, index) => ({
  seat: seat(index),
  name: `person-${index}`,
  analytics: index % 5 !== 0,
  account: index % 10 !== 1,
}));
const cookies = people.map(({ name, analytics, account }) =>
  account ? `theme=dark; ${SESSION_COOKIE}=${session(secret, { sub: name, analytics, exp: 4_000_000_000 })}` : 'theme=dark',
);
expected = new Map(people.map(({ seat: own, name, analytics, account }) => [own, analytics && account ? bauta.pseudonym(name) : undefined]));

const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
const until = Date.now() + SECONDS * 1000;
const started = Date.now();
let sent = 0;
const samples = [];

function post(index) {
  const odd = sent++ % 50;
  const body =
    odd === 7 ? '{"n":"cut' : JSON.stringify({ n: 'pageview', u: `https://${HOST}/a?email=jane%40example.com`, d: odd === 9 ? 'foreign.example' : HOST, p: { of: people[index].seat, plan: 'pro' } });
  const wanted = odd === 7 ? 400 : odd === 9 ? 404 : 202;
  return new Promise((done) => {
    const request = http.request(
      {
        agent, host: '127.0.0.1', port: bauta.port, method: 'POST', path: '/insight/api/event',
        headers: { host: HOST, origin: `https://${HOST}`, 'sec-fetch-site': 'same-origin', 'content-type': 'text/plain', cookie: cookies[index],
          'user-agent': 'Mozilla/5.0', 'x-forwarded-for': `192.0.2.${index % 250}`, referer: `https://${HOST}/secret`, 'content-length': Buffer.byteLength(body) },
      },
      (answer) => {
        if (answer.statusCode !== wanted) faults.push(`answered ${answer.statusCode} in place of ${wanted}`);
        answer.resume().on('end', done);
      },
    );
    request.on('error', (error) => (faults.push(`request failed: ${error.code}`), done()));
    request.end(body);
  });
}

async function worker(first) {
  for (let index = first; Date.now() < until && faults.length < 20; index += 1) await post(index % USERS);
}

function sample() {
  const status = readFileSync(`/proc/${bauta.pid}/status`, 'utf8');
  const kib = Number(/VmRSS:\s+(\d+)/.exec(status)[1]);
  samples.push({ second: Math.round((Date.now() - started) / 1000), mib: kib / 1024, descriptors: readdirSync(`/proc/${bauta.pid}/fd`).length });
  const last = samples.at(-1);
  console.log(`soak: ${String(last.second).padStart(5)} s  ${String(sent).padStart(9)} events  ${last.mib.toFixed(1)} MiB  ${last.descriptors} descriptors`);
}

const timer = setInterval(sample, Math.max(1, SECONDS / 20) * 1000);
await Promise.all(Array.from({ length: CONNECTIONS }, (_, first) => worker(first * 7)));
clearInterval(timer);
sample();

const metrics = await bauta.metrics();
const sum = (pattern) => [...metrics.matchAll(pattern)].reduce((total, [, value]) => total + Number(value), 0);
const received = sum(/^bauta_events_received_total(?:\{[^}]*\})? (\d+)$/gm);
const ended = sum(/^bauta_events_total\{[^}]*\} (\d+)$/gm);
if (received !== ended || received !== sent) faults.push(`sent ${sent}, received ${received}, ended ${ended}`);

// The first quarter warms caches and the allocator up; from there on it must stay level.
const settled = samples[Math.floor(samples.length / 4)];
const last = samples.at(-1);
if (last.mib > settled.mib * 1.1 + 4) faults.push(`memory grew from ${settled.mib.toFixed(1)} to ${last.mib.toFixed(1)} MiB`);
if (last.descriptors > settled.descriptors + 4) faults.push(`descriptors grew from ${settled.descriptors} to ${last.descriptors}`);
if (seen.identified === 0) faults.push('nobody was identified');
if ((await bauta.stop()) !== 0) faults.push('bauta did not end with 0');
agent.destroy();
vendor.closeAllConnections();
vendor.close();
rmSync(folder, { recursive: true });

for (const fault of faults.slice(0, 20)) console.error(`soak: ${fault}`);
console.log(`soak: ${faults.length ? 'FAILED' : 'ok'}. ${sent} events in ${last.second} s, ${seen.identified} identified of ${seen.stored} stored, ${last.mib.toFixed(1)} MiB`);
process.exitCode = faults.length ? 1 : 0;
