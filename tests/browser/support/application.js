// The customer's web application: pages with each of the analytics clients, a login that sets a real session cookie
// (a JWT signed with HS256, `HttpOnly`, `Secure`), and a consent switch that lives in the session.

import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import { pathToFileURL } from 'node:url';

import { BANNERS } from './banners.js';

export const SESSION_COOKIE = 'app_session';
/** The name of the site's own script at Plausible. */
export const PER_SITE = 'pa-k3J9x';
/** The clients that a page can carry; the first part of its path. */
export const CLIENTS = ['npm-tracker', 'plausible-tracker', 'classic', 'pa'];

const PACKAGES = new URL('../node_modules/', import.meta.url);
const KLARO = `${process.env.KLARO ?? 'target/klaro'}/${/^\d\S+/m.exec(readFileSync(new URL('../klaro.lock', import.meta.url), 'utf8'))[0]}/package`;

/** Starts the application on a free loopback port. `secret` signs the sessions, `endpoint` is the analytics prefix, `token`
 * PostHog's project. `snippet` asks bauta for a session's snippet, `dist` is the folder of posthog-js that a bundle holds. */
export async function startApplication(site) {
  const server = http.createServer((request, response) => answer(request, response, site));
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: server.address().port,
    stop: () => (server.closeAllConnections(), new Promise((done) => server.close(done))),
  };
}

/** A session as the application writes it. */
export function session(secret, claims) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ jti: randomUUID(), iat: now, exp: now + 3600, ...claims })}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

async function answer(request, response, site) {
  const url = new URL(request.url, 'http://application');
  const [, first] = url.pathname.split('/');
  const cookie = (value) => response.setHeader('set-cookie', `${SESSION_COOKIE}=${value}; Path=/; HttpOnly; Secure; SameSite=None`);
  if (url.pathname === '/login') {
    const { user, email, analytics } = Object.fromEntries(url.searchParams);
    cookie(session(site.secret, { sub: user, email, name: 'Jane Roe', analytics: analytics === 'yes' }));
    return response.writeHead(204).end();
  }
  if (url.pathname === '/logout') {
    cookie('; Max-Age=0');
    return response.writeHead(204).end();
  }
  if (first === 'rendered') return rendered(url, request, response, site);
  if (url.pathname === '/bundle/tracker.js') return packageFile('@plausible-analytics/tracker/plausible.js', response);
  if (url.pathname === '/bundle/app.js') {
    response.writeHead(200, { 'content-type': 'text/javascript; charset=utf-8' });
    return response.end(await readFile(`${site.dist}/array.js`));
  }
  if (first === 'packages') return packageFile(url.pathname.slice('/packages/'.length), response);
  if (first === 'posthog') {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    return response.end(posthogPage(url.searchParams.get('init'), site));
  }
  if (first === 'banner') {
    const banner = BANNERS[url.pathname.split('/')[2]];
    response.writeHead(banner ? 200 : 404, { 'content-type': 'text/html; charset=utf-8' });
    return response.end(banner && bannerPage(banner, site));
  }
  if (first !== '' && !CLIENTS.includes(first)) return response.writeHead(404).end();
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
  return response.end(page(first, site));
}

// A file of an npm package, exactly as published. One module imports './lib/tracker' without its extension, which
// bundlers allow: so do we.
async function packageFile(path, response) {
  const [, klaro] = /^klaro\/(.*)$/.exec(path) ?? [];
  const folder = klaro ? pathToFileURL(`${KLARO}/`) : PACKAGES;
  const file = new URL(/\.(m?js|css)$/.test(path) ? (klaro ?? path) : `${path}.js`, folder);
  if (!file.href.startsWith(folder.href)) return response.writeHead(404).end();
  response.writeHead(200, { 'content-type': `text/${path.endsWith('.css') ? 'css' : 'javascript'}; charset=utf-8` });
  return response.end(await readFile(file));
}

// The home page has no client. Each other one offers `send(name, props)`, which resolves with the answer's status once the client has it.
function page(client, { endpoint, domain }) {
  const viaGlobal = `window.send = (name, props) => new Promise((done) => plausible(name, { props, callback: (answer) => done(answer?.status) }));`;
  const loaders = {
    'npm-tracker': `<script type="module">
      import { init, track } from '/packages/@plausible-analytics/tracker/plausible.js';
      init({ domain: '${domain}', endpoint: '${endpoint}/api/event', outboundLinks: true });
      window.send = (name, props) => new Promise((done) => track(name, { props, callback: (answer) => done(answer?.status) }));
    </script>`,
    'plausible-tracker': `<script type="module">
      import Plausible from '/packages/plausible-tracker/build/module/index.js';
      const { enableAutoPageviews, trackEvent } = Plausible({ domain: '${domain}', apiHost: '${endpoint}' });
      enableAutoPageviews();
      window.send = (name, props) => new Promise((done) => trackEvent(name, { props, callback: () => done() }));
    </script>`,
    classic: `<script>
      window.plausible = window.plausible || function () { (plausible.q = plausible.q || []).push(arguments); };
      ${viaGlobal}
    </script><script defer data-domain="${domain}" data-api="${endpoint}/api/event" src="${endpoint}/js/script.js"></script>`,
    pa: `<script>
      window.plausible = window.plausible || function () { (plausible.q = plausible.q || []).push(arguments); };
      plausible.init = (options) => { plausible.o = options; };
      plausible.init({ endpoint: '${endpoint}/api/event' });
      ${viaGlobal}
    </script><script async src="${endpoint}/js/${PER_SITE}.js"></script>`,
  };
  return `<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,">${loaders[client] ?? ''}
    <main style="height: 3000px"><h1>Shop</h1></main></html>`;
}

// A page with a consent banner and the client from npm, which counts nothing of its own accord here.
function bannerPage({ head, again }, { endpoint, domain }) {
  return `<!doctype html><html lang="en"><head><title>Shop</title><link rel="icon" href="data:,">${head}
    <script type="module">
      import { init, track } from '/packages/@plausible-analytics/tracker/plausible.js';
      init({ domain: '${domain}', endpoint: '${endpoint}/api/event', autoCapturePageviews: false });
      window.send = (name, props) => new Promise((done) => track(name, { props, callback: (answer) => done(answer?.status) }));
    </script></head><body><main><h1>Shop</h1>${again}</main></body></html>`;
}

// A page with posthog-js, whichever version the vendor serves, and something to click. `init`: its options as JSON.
function posthogPage(init, { endpoint, token }) {
  const options = JSON.stringify(JSON.parse(init ?? '{}')).replaceAll('<', '\\u003c');
  return `<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,">
    <script>
      const options = { api_host: location.origin + '${endpoint}', opt_out_useragent_filter: true, ...${options} };
      window.posthog = Object.assign([], { __SV: 1, _i: [['${token}', options, 'posthog']] });
      addEventListener('load', () => { window.send = (name, props) => { posthog.capture(name, props); }; });
    </script>
    <script src="${endpoint}/static/array.js"></script>
    <main style="height: 3000px"><h1>Shop</h1><button id="buy" class="buy">Pay as jane.doe@example.com</button></main></html>`;
}

// What a test cannot do without: clients say nothing under automation unless this is set. Their queues leave soon.
const AUTOMATED = `opt_out_useragent_filter: true, request_queue_config: { flush_interval_ms: 300 }, persistence: 'localStorage+cookie',`;

// A page with the snippet that bauta gives out for this session: /rendered/<client>/<anything>. The client is `script`,
// `per-site` or `npm` for Plausible, `script` or `older` for PostHog. Without a grant there is no client on the page, but
// with `?otherwise=plain` the plain one.
async function rendered(url, request, response, { snippet, endpoint, token }) {
  const [, , vendor, client] = url.pathname.split('/');
  const signal = (name) => request.headers[name] === '1';
  const { aliased, code, policy } = await snippet({
    cookie: request.headers.cookie ?? '',
    gpc: signal('sec-gpc'),
    dnt: signal('dnt'),
    client,
    nonce: 'r4nd0m',
    ...(client === 'per-site' && { script: PER_SITE }),
    ...(url.searchParams.has('otherwise') && { otherwise: 'plain' }),
  });
  const head = vendor === 'plausible' ? plausibleHead(client, code) : posthogHead(client, code, aliased, { endpoint, token });
  const rest = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
  const inline = vendor === 'posthog' || client === 'npm' ? `${policy} 'self'` : policy;
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    // The very policy that bauta names, where the page loads nothing else.
    ...(policy && { 'content-security-policy': `${rest}; ${client === 'npm' || client === 'older' ? inline.replace('script-src', "script-src 'self' 'nonce-r4nd0m'") : policy}` }),
  });
  response.end(`<!doctype html><html lang="en"><head><title>Shop</title><link rel="icon" href="data:,">${head}</head>
    <body><main style="height: 3000px"><h1>Shop</h1><button id="buy" class="buy">Pay</button></main></body></html>`);
}

function plausibleHead(client, code) {
  const send = `window.send = (name, props) => new Promise((done) => window.plausible ? plausible(name, { props, callback: (answer) => done(answer?.status ?? 'failed') }) : done('no client'));`;
  const automated = `<script nonce="r4nd0m">window.__plausible = true; ${client === 'npm' ? '' : send}</script>`;
  if (client !== 'npm') return automated + code;
  // A bundler gives the package's file a name of its own; under the package's, lists of blockers know it.
  const imports = { '@plausible-analytics/tracker': '/bundle/tracker.js' };
  const script = code.replace('import { init }', 'import { init, track }');
  const tracked = code ? `window.plausible = track;` : '';
  return `${automated}<script type="importmap" nonce="r4nd0m">${JSON.stringify({ imports })}</script>
    <script type="module" nonce="r4nd0m">${script}\n${tracked} ${send}</script>`;
}

function posthogHead(client, code, aliased, { endpoint, token }) {
  const send = `<script nonce="r4nd0m">window.send = (name, props) => { if (!window.posthog) return 'no client'; posthog.capture(name, props); };</script>`;
  if (client === 'script') return send + code.replace(/posthog\.init\(("[^"]*"), \{/, (all, name) => `posthog.init(${name}, { ${AUTOMATED}`);
  // The application's own bundle is the same for everybody; what bauta gives out stands before it.
  const page = `<script nonce="r4nd0m">
    window.posthog = Object.assign([], { __SV: 1, _i: [['${token}', { api_host: location.origin + '${endpoint}', ${AUTOMATED} }, 'posthog']] });
    </script><script src="/bundle/app.js"></script>`;
  return send + (aliased ? code + page : code ? page : '');
}
