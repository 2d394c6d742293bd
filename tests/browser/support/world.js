// Everything at once: vendor, application, bauta, front and Chromium, wired as in production.
//
//   Chromium --TLS--> front --/insight/--> bauta --> vendor
//                           \--the rest--> application

import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startApplication } from './application.js';
import { startBauta } from './bauta.js';
import { person, startBrowser } from './browser.js';
import { startFront } from './front.js';
import { startPostHog, TOKEN } from './posthog.js';
import { startVendor } from './vendor.js';

export const SITE = 'shop.example';
/** Another site, and a sibling of ours. Their pages come from the same application, but they are no origin of the site. */
export const STRANGER = 'stranger.example';
export const SIBLING = `blog.${SITE}`;
const PREFIX = '/insight';

/** Starts the world. `posthog`: with PostHog instead of Plausible, `{dist, upstream}` (its scripts, further lines of TOML).
 * `sources`: the consent sources in TOML, instead of the switch in the account; `consent`: further lines for that table. */
export async function startWorld({ posthog, sources, consent } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'bauta-browser-'));
  const secret = randomBytes(32).toString('base64url');
  const hosts = [SITE, STRANGER, SIBLING];
  const vendor = posthog ? await startPostHog(posthog) : await startVendor();
  const application = await startApplication({ secret, endpoint: PREFIX, domain: SITE, token: TOKEN });
  const bauta = await startBauta({ folder, host: SITE, prefix: PREFIX, vendor: vendor.url, sessionSecret: secret, sources, consent, ...(posthog && { kind: 'posthog', upstream: posthog.upstream }) });
  const front = await startFront({ folder, hosts, prefix: PREFIX, application: application.port, bauta: bauta.port });
  const browsers = new Map();
  const browser = (gpc) => {
    if (!browsers.has(gpc)) browsers.set(gpc, startBrowser({ hosts, port: front.port, gpc }));
    return browsers.get(gpc);
  };
  return {
    vendor,
    bauta,
    front,
    /** A new visitor with an own browser profile. `gpc`: in a browser with Global Privacy Control. */
    visitor: async ({ gpc = false, ...options } = {}) => new Visitor(await person(await browser(gpc), options)),
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

class Visitor {
  constructor(context) {
    this.context = context;
  }

  /** Logs in; `analytics` is the consent switch in the person's account. */
  async logIn(user, { analytics, email = `${user}@example.com` }) {
    const page = await this.#page();
    const query = new URLSearchParams({ user, email, analytics: analytics ? 'yes' : 'no' });
    await page.goto(`https://${SITE}/`);
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
    return this.context.pages()[0] ?? this.context.newPage();
  }
}
