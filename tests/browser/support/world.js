// Everything at once: vendor, application, bauta, front and Chromium, wired as in production.
//
//   Chromium --TLS--> front --/insight/--> bauta --> vendor
//                           \--the rest--> application

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { PER_SITE, startApplication } from './application.js';
import { startBauta, words } from './bauta.js';
import { person, startBrowser } from './browser.js';
import { startFront } from './front.js';
import { startPostHog, TOKEN } from './posthog.js';
import { startVendor } from './vendor.js';

export const SITE = 'shop.example';
/** Another site, and a sibling of ours. Their pages come from the same application, but they are no origin of the site. */
export const STRANGER = 'stranger.example';
export const SIBLING = `blog.${SITE}`;
export const PREFIX = '/insight';

const CHROMIUM = { start: startBrowser, person };

/** Starts the world. `posthog`: with PostHog instead of Plausible, `{dist, upstream}` (its scripts, further lines of TOML).
 * `sources`: the consent sources in TOML, instead of the switch in the account; `consent`: further lines for that table.
 * `aliased`: with opaque paths, drawn for this world; the pages below `/rendered` ask bauta for their snippet.
 * `driver`: another browser, `{start, person}` as in browser.js. */
export async function startWorld({ posthog, sources, consent, aliased = false, driver = CHROMIUM } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'bauta-browser-'));
  const secret = randomBytes(32).toString('base64url');
  const hosts = [SITE, STRANGER, SIBLING];
  const vendor = posthog ? await startPostHog(posthog) : await startVendor();
  const names = aliased && (posthog ? words('--vendor', 'posthog', '--token', TOKEN) : words('--script', PER_SITE));
  const upstream = [posthog ? posthog.upstream : `sites = ["${SITE}"]`, names && `aliases = ${toml(names)}`].filter(Boolean).join('\n');
  const snippet = (asked) => bauta.snippet(asked);
  const application = await startApplication({ secret, endpoint: PREFIX, domain: SITE, token: TOKEN, snippet, dist: posthog?.dist });
  const bauta = await startBauta({ folder, host: SITE, prefix: PREFIX, vendor: vendor.url, sessionSecret: secret, sources, consent, upstream, ...(posthog && { kind: 'posthog' }) });
  const prefixes = [PREFIX, ...(names ? [`/${names.root}`] : [])];
  const front = await startFront({ folder, hosts, prefixes, application: application.port, bauta: bauta.port });
  const browsers = new Map();
  const browser = (options) => {
    const key = JSON.stringify(options);
    if (!browsers.has(key)) browsers.set(key, driver.start({ hosts, port: front.port, ...options }));
    return browsers.get(key);
  };
  return {
    vendor,
    bauta,
    front,
    /** The opaque paths: `{root, words}`. */
    names,
    /** A new visitor with an own browser profile. `gpc`, `dnt`: in a browser with that signal; `setup`: further
     * options of the driver for the whole browser. */
    visitor: async ({ gpc = false, dnt = false, setup = {}, ...options } = {}) =>
      new Visitor(await driver.person(await browser({ gpc, dnt, ...setup }), { dnt, ...options })),
    async stop() {
      for (const running of browsers.values()) await (await running).close();
      await front.stop();
      const code = await bauta.stop();
      await application.stop();
      await vendor.stop();
      rmSync(folder, { recursive: true });
      return code;
    },
  };
}

const toml = ({ root, words: leaves }) => `{ root = "${root}", words = { ${Object.entries(leaves).map(([path, word]) => `"${path}" = "${word}"`).join(', ')} } }`;

class Visitor {
  constructor(context) {
    this.context = context;
  }

  /** Goes to the home page, which has no client. */
  async home() {
    await (await this.#page()).goto(`https://${SITE}/`);
  }

  /** Logs in; `analytics` is the consent switch in the person's account. */
  async logIn(user, { analytics, email = `${user}@example.com` }) {
    const page = await this.#page();
    const query = new URLSearchParams({ user, email, analytics: analytics ? 'yes' : 'no' });
    await this.home();
    await page.evaluate((path) => fetch(path), `/login?${query}`);
  }

  /** Opens a page with the given client and waits until the client is there. */
  async open(client, path = '/', host = SITE) {
    const page = await this.#page();
    await page.goto(`https://${host}/${client}${path}`);
    await page.waitForFunction(() => typeof window.send === 'function');
    return page;
  }

  /** Sends an event through the page's client; answers the HTTP status as far as the client tells it. */
  async send(name, props = {}) {
    return (await this.#page()).evaluate(([event, values]) => window.send(event, values), [name, props]);
  }

  /** Clicks as a person does, and waits until the page has stored something else in its cookies for it. */
  async choose(...selectors) {
    const page = await this.#page();
    const before = await page.evaluate(() => document.cookie);
    for (const selector of selectors.flat().filter(Boolean)) await page.locator(selector).click();
    await page.waitForFunction((cookies) => document.cookie !== cookies, before);
  }

  /** Runs `work(value)` in the page. */
  async evaluate(work, value) {
    return (await this.#page()).evaluate(work, value);
  }

  async leave() {
    await this.context.close();
  }

  async #page() {
    return (await this.context.pages())[0] ?? this.context.newPage();
  }
}
