// Chromium, and the people who use it: one context (own cookies) per person.

import { chromium } from 'playwright-core';

const USER_AGENT = 'Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';

/** Starts Chromium with every one of `hosts`, port 443, led to `port` on loopback, and no other name resolved. */
export async function startBrowser({ hosts, port }) {
  const rules = [...hosts.map((host) => `MAP ${host}:443 127.0.0.1:${port}`), 'MAP * ~NOTFOUND', 'EXCLUDE 127.0.0.1'];
  return chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: [
      // For the whole browser: what a page sends while it closes escapes the override of a context.
      `--user-agent=${USER_AGENT}`,
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...(hosts.length ? [`--host-resolver-rules=${rules.join(',')}`] : []),
    ],
  });
}

/** A person with an own cookie jar. `gpc`: the browser sends Global Privacy Control, as header and as property. */
export async function person(browser, { gpc = false, userAgent = USER_AGENT } = {}) {
  const context = await browser.newContext({
    ignoreHTTPSErrors: true,
    userAgent,
    extraHTTPHeaders: gpc ? { 'Sec-GPC': '1' } : {},
  });
  // The vendor's clients say nothing under automation unless this is set.
  await context.addInitScript('window.__plausible = true');
  if (gpc) {
    await context.addInitScript(`Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true })`);
  }
  return context;
}
