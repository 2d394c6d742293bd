// Firefox, with or without the blocker uBlock Origin, driven over WebDriver BiDi: the same face as ../support/browser.js.
//
// Every name leads to a proxy of ours and nothing leaves the machine: the site's hosts go to the front, what else a page or
// the browser asks for is refused. What was asked for is remembered.

import http from 'node:http';
import net from 'node:net';
import puppeteer from 'puppeteer-core';

const BINARY = process.env.FIREFOX ?? '/usr/bin/firefox-esr';
/** Where Debian's package webext-ublock-origin-firefox puts it. */
export const BLOCKER = process.env.UBLOCK ?? '/usr/share/mozilla/extensions/{ec8030f7-c20a-464f-9b0e-13a3a9e97384}/uBlock0@raymondhill.net';

/** What a browser of its own would ask for by itself. */
const QUIET = {
  'app.normandy.enabled': false,
  'browser.safebrowsing.downloads.enabled': false,
  'browser.safebrowsing.malware.enabled': false,
  'browser.safebrowsing.phishing.enabled': false,
  'extensions.autoDisableScopes': 0,
  // The system's own copy of the blocker stays out: which browser has it is decided here.
  'extensions.enabledScopes': 1,
  'extensions.startupScanScopes': 0,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'network.http.http3.enable': false,
  // Firefox's own protection is another question.
  'privacy.trackingprotection.enabled': false,
  'privacy.trackingprotection.pbmode.enabled': false,
};

/**
 * Starts Firefox with `hosts` led to `port` on loopback. `gpc`: with Global Privacy Control; `dnt`: with Do Not Track;
 * `blocker`: with uBlock Origin and the lists that come with it.
 */
export async function startFirefox({ hosts, port, gpc = false, dnt = false, blocker = false }) {
  const proxy = await startProxy((host) => (hosts === 'all' || hosts.includes(host) ? port : undefined));
  const browser = await puppeteer.launch({
    browser: 'firefox',
    executablePath: BINARY,
    headless: true,
    acceptInsecureCerts: true,
    extraPrefsFirefox: {
      ...QUIET,
      'network.proxy.type': 1,
      'network.proxy.ssl': '127.0.0.1',
      'network.proxy.ssl_port': proxy.port,
      'network.proxy.http': '127.0.0.1',
      'network.proxy.http_port': proxy.port,
      'network.proxy.no_proxies_on': '127.0.0.1',
      'network.proxy.allow_hijacking_localhost': false,
      'privacy.globalprivacycontrol.enabled': gpc,
      'privacy.globalprivacycontrol.functionality.enabled': true,
      'privacy.donottrackheader.enabled': dnt,
    },
  });
  if (blocker) {
    await browser.installExtension(BLOCKER);
    await listsAreLoaded(browser, `https://${hosts === 'all' ? 'shop.example' : hosts[0]}/`, proxy.asked);
  }
  return {
    browser,
    /** The hosts that were asked for. */
    asked: proxy.asked,
    async close() {
      await browser.close();
      await proxy.stop();
    },
  };
}

/** A person with an own cookie jar. */
export async function person({ browser }) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  // As with Chromium: the clients say nothing under automation unless this is set.
  await page.evaluateOnNewDocument(() => (window.__plausible = true));
  return context;
}

export const FIREFOX = { start: startFirefox, person };

/** Waits until the blocker has its lists: until a script of plausible.io, from another name each time, is not asked for. */
async function listsAreLoaded(browser, home, asked) {
  const page = await browser.newPage();
  await page.goto(home);
  const until = Date.now() + 60_000;
  for (let turn = 0; ; turn += 1) {
    const host = `lists${turn}.plausible.io`;
    await page.evaluate((address) => {
      const script = Object.assign(document.createElement('script'), { src: address });
      return new Promise((done) => {
        script.onload = script.onerror = () => done();
        document.head.append(script);
      });
    }, `https://${host}/js/script.js`);
    if (!asked.has(host)) break;
    if (Date.now() > until) throw new Error('the blocker blocks nothing');
  }
  await page.close();
}

/** A proxy for CONNECT. `route(host)` answers a port on loopback, or nothing. */
async function startProxy(route) {
  const asked = new Set();
  const open = new Set();
  const server = http.createServer((request, response) => response.writeHead(502).end());
  server.on('connect', (request, socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    const host = request.url.split(':')[0];
    asked.add(host);
    const port = route(host);
    if (!port) return socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    const onward = net.connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: server.address().port,
    asked,
    async stop() {
      for (const socket of open) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}
