// Runs `bauta serve` as its users do: a configuration file, key files, a process, a readiness probe.

import { execFileSync, spawn } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { join } from 'node:path';

import { SESSION_COOKIE } from './application.js';

const BINARY = process.env.BAUTA_BIN ?? 'target/debug/bauta';
const START = 15_000;
/** The consent switch in the person's account. */
export const SWITCH = '{ kind = "session", path = ["analytics"] }';

/**
 * Starts bauta in front of `vendor` for the site `host`; answers once /readyz does. `quota`, `consent` and `upstream` are
 * further lines of TOML for those tables; `sources` are the consent sources; `kind` is the vendor's word.
 */
export async function startBauta({ folder, host, prefix, vendor, sessionSecret, quota = '', consent = '', sources = SWITCH, kind = 'plausible', upstream }) {
  // As `bauta keygen` writes it: the key is the text.
  const key = randomBytes(32).toString('base64url');
  const [port, health] = [await freePort(), await freePort()];
  writeFileSync(join(folder, 'hmac.key'), key, { mode: 0o600 });
  writeFileSync(join(folder, 'session.key'), sessionSecret, { mode: 0o600 });
  const token = randomBytes(32).toString('base64url');
  writeFileSync(join(folder, 'admin.token'), token, { mode: 0o600 });
  const file = join(folder, 'bauta.toml');
  writeFileSync(
    file,
    `version = 1
[listen]
address = "127.0.0.1:${port}"
trusted_proxies = ["127.0.0.1/32"]
[health]
address = "127.0.0.1:${health}"
[admin]
address = "unix:${join(folder, 'admin.sock')}"
token = { file = "admin.token" }
[keys]
active = { id = "a", file = "hmac.key" }

[[site]]
name = "shop"
hosts = ["${host}"]
[site.session]
preset = "jwt"
cookie = "${SESSION_COOKIE}"
secrets = [{ file = "session.key" }]
algorithms = ["HS256"]
user = ["sub"]
[site.session.own]
email = [["email"]]
name = [["name"]]
[site.consent]
sources = [${sources}]
${consent}
[site.quota]
${quota}
[[site.upstream]]
vendor = "${kind}"
url = "${vendor}"
path = "${prefix}"
${upstream ?? `sites = ["${host}"]`}
`,
  );
  const child = spawn(BINARY, ['serve', '-c', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  const log = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => log.push(text));
  const ended = new Promise((done) => child.on('exit', (code, signal) => done(code ?? signal)));
  await ready(health, ended, log);
  return {
    port,
    pid: child.pid,
    /** Everything it logged so far. */
    get log() {
      return log.join('');
    },
    /** What /metrics says. */
    metrics: () => get(health, '/metrics').then((answer) => answer.text),
    /** The pseudonym of a user, computed here from the published construction, not by asking bauta. */
    pseudonym: (user) => pseudonym(key, { realm: 'shop', upstream: kind, user }),
    /** The pseudonym of a user as `bauta id` tells it. */
    id: (user) => execFileSync(BINARY, ['id', '-c', file, user], { encoding: 'utf8' }),
    /** The snippet of one session's page, as the application's server asks for it. */
    snippet: (asked) => post(join(folder, 'admin.sock'), '/snippet', token, { site: 'shop', upstream: kind, ...asked }),
    /** Asks it to stop; answers its exit code. */
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}

// id = "u" kid "_" base64url(HMAC(HMAC(master, key label, realm, upstream), id label, realm, user, epoch))[0..16].
function pseudonym(master, { realm, upstream, user, kid = 'a', epoch = 0 }) {
  const prefixed = (text) => Buffer.concat([number(Buffer.byteLength(text)), Buffer.from(text)]);
  const mac = (key, ...parts) => createHmac('sha256', key).update(Buffer.concat(parts)).digest();
  const key = mac(master, Buffer.from('ana/key/v1\0'), prefixed(realm), prefixed(upstream));
  const digest = mac(key, Buffer.from('ana/uid/v1\0'), prefixed(realm), prefixed(user), number(epoch));
  return `u${kid}_${digest.subarray(0, 16).toString('base64url')}`;
}

function number(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

async function ready(port, ended, log) {
  const until = Date.now() + START;
  let code;
  ended.then((value) => (code = value));
  for (;;) {
    if (code !== undefined) throw new Error(`bauta ended with ${code}:\n${log.join('')}`);
    if (Date.now() > until) throw new Error(`bauta was not ready in time:\n${log.join('')}`);
    const answer = await get(port, '/readyz').catch(() => undefined);
    if (answer?.status === 200) return;
    await new Promise((again) => setTimeout(again, 20));
  }
}

function get(port, path) {
  return new Promise((done, fail) => {
    const request = http.get({ host: '127.0.0.1', port, path, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      answer.on('end', () => done({ status: answer.statusCode, text }));
    });
    request.on('error', fail);
  });
}

/** Asks the admin listener. */
function post(socketPath, path, token, body) {
  return new Promise((done, fail) => {
    const headers = { host: 'localhost', authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const request = http.request({ socketPath, path, method: 'POST', headers, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      answer.on('end', () => (answer.statusCode === 200 ? done(JSON.parse(text)) : fail(new Error(`${path}: ${answer.statusCode} ${text}`))));
    });
    request.on('error', fail);
    request.end(JSON.stringify(body));
  });
}

/** Words as `bauta words` draws them: `{root, words}`. */
export function words(...options) {
  return JSON.parse(execFileSync(BINARY, ['words', '--json', ...options], { encoding: 'utf8' }));
}

async function freePort() {
  const server = net.createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}
