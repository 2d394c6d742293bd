// A stand-in for Plausible, written from its documentation and public source: what it accepts, what it answers,
// what it discards. It remembers every request as it arrived, headers included, so that a test can say what a
// vendor would have seen.

import { readFile } from 'node:fs/promises';
import http from 'node:http';

const DEADLINE = 10_000;
const SCRIPTS = new URL('../pages/', import.meta.url);

/** Starts the vendor on a free loopback port. */
export async function startVendor() {
  const vendor = new Vendor();
  await vendor.listen();
  return vendor;
}

class Vendor {
  /** Every request so far: `{method, path, headers, raw, status, dropped, event}`; `event` only where one was read. */
  requests = [];
  #waiting = new Set();
  #server = http.createServer((request, response) => this.#answer(request, response));

  async listen() {
    await new Promise((done) => this.#server.listen(0, '127.0.0.1', done));
    this.url = `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** The events that the vendor stored. */
  get events() {
    return this.requests.filter((request) => request.event && !request.dropped).map((request) => request.event);
  }

  /** The first stored event that fits, waiting for it if need be. */
  async event(description, fits) {
    const found = () => this.events.find(fits);
    if (!found()) {
      await new Promise((done, fail) => {
        const look = () => found() && (clearTimeout(timer), this.#waiting.delete(look), done());
        const timer = setTimeout(() => {
          this.#waiting.delete(look);
          const names = this.requests.map(({ method, path, status, event }) => `${method} ${path} ${status} ${event?.name}`);
          fail(new Error(`no event arrived that is: ${description}. Arrived: ${names.join(', ') || 'nothing'}`));
        }, DEADLINE);
        this.#waiting.add(look);
      });
    }
    return found();
  }

  async stop() {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  async #answer(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const raw = Buffer.concat(chunks).toString('utf8');
    const path = new URL(request.url, 'http://vendor').pathname;
    const seen = { method: request.method, path: request.url, headers: request.headers, raw };

    if (request.method === 'POST' && path === '/api/event') {
      const { status, event, errors } = readEvent(request.headers, raw);
      Object.assign(seen, { status, event, dropped: event ? isBot(request.headers['user-agent']) : false });
      if (errors) {
        response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ errors }));
      } else {
        if (seen.dropped) response.setHeader('x-plausible-dropped', '1');
        response.writeHead(202, { 'content-type': 'text/plain; charset=utf-8' }).end('ok');
      }
    } else if (request.method === 'GET' && /^\/js\/(script|pa-[\w-]+)\.js$/.test(path)) {
      seen.status = 200;
      const name = path === '/js/script.js' ? 'classic.js' : 'pa.js';
      response
        .writeHead(200, { 'content-type': 'application/javascript', 'cache-control': 'public, max-age=60, no-transform' })
        .end(await readFile(new URL(name, SCRIPTS)));
    } else {
      seen.status = 404;
      response.writeHead(404).end('not found');
    }
    this.requests.push(seen);
    for (const look of [...this.#waiting]) look();
  }
}

// Reads a body the way the ingestion endpoint does: the first name that is truthy wins, props may be JSON text.
function readEvent(headers, raw) {
  const type = (headers['content-type'] ?? '').split(';')[0].trim();
  if (!type || type === 'application/x-www-form-urlencoded') return refused('request', 'is empty');
  let body;
  try {
    body = JSON.parse(raw);
  } catch {
    return refused('request', 'is not JSON');
  }
  if (body === null || typeof body !== 'object' || Array.isArray(body)) return refused('request', 'is no object');
  const name = body.n || body.name;
  const url = body.u || body.url;
  const domain = body.d || body.domain;
  if (typeof name !== 'string' || !name.trim()) return refused('event_name', "can't be blank");
  if (typeof url !== 'string' || Buffer.byteLength(url) > 2000) return refused('url', "can't be read");
  if (typeof domain !== 'string' || !domain.trim()) return refused('domain', "can't be blank");
  let props = body.m || body.meta || body.p || body.props || {};
  if (typeof props === 'string') props = JSON.parse(props);
  return { status: 202, event: { name, url, domain, referrer: body.r || body.referrer, props, body, headers } };
}

function refused(field, message) {
  return { status: 400, errors: { [field]: [message] } };
}

function isBot(userAgent = '') {
  return /HeadlessChrome|bot/i.test(userAgent);
}
