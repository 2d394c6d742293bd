// Chromium, and the people who use it: one context (own cookies) per person.

import { chromium } from 'playwright-core';

const USER_AGENT = 'Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';

/**
 * Starts Chromium with every one of `hosts`, port 443, led to `port` on loopback, and no other name resolved.
 * `gpc`: with Global Privacy Control. Setting the header from here would miss what pages send while they close.
 */
export async function startBrowser({ hosts, port, gpc = false }) {
  const rules = [...hosts.map((host) => `MAP ${host}:443 127.0.0.1:${port}`), 'MAP * ~NOTFOUND', 'EXCLUDE 127.0.0.1'];
  return chromium.launch({
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: [
      // For the whole browser, for the same reason.
      `--user-agent=${USER_AGENT}`,
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...(gpc ? ['--enable-features=GlobalPrivacyControlForce'] : []),
      ...(hosts.length ? [`--host-resolver-rules=${rules.join(',')}`] : []),
    ],
  });
}

/** A person with an own cookie jar. `dnt`: who has set Do Not Track. */
export async function person(browser, { userAgent = USER_AGENT, dnt = false } = {}) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, userAgent, ...(dnt && { extraHTTPHeaders: { DNT: '1' } }) });
  // The vendor's clients say nothing under automation unless this is set.
  await context.addInitScript('window.__plausible = true');
  return context;
}
