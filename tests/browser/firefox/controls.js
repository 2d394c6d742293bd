// Requests that a blocker has an opinion about, or might: what the two vendors' and some other clients ask for, on the shop's
// own name, below it, and at the vendors. Each is `{kind, address}`; kinds are those of the filter lists.

const HOSTS = [
  'shop.example',
  'stats.shop.example',
  'analytics.shop.example',
  'plausible.shop.example',
  'posthog.shop.example',
  'data.shop.example',
  'plausible.io',
  'eu.i.posthog.com',
  'us-assets.i.posthog.com',
];

const SCRIPTS = [
  '/js/script.js',
  '/js/script.outbound-links.js',
  '/js/script.tagged-events.js',
  '/js/script.hash.js',
  '/js/plausible.js',
  '/js/pa-k3J9x.js',
  '/plausible/app.js',
  '/static/array.js',
  '/static/posthog-recorder.js',
  '/static/surveys.js?v=1.449.2',
  '/static/dead-clicks-autocapture.js?v=1.449.2',
  '/array/phc_abc/config.js',
  '/ingest/static/array.js',
  '/beacon.js',
  '/gtm.js?id=GTM-1',
  '/matomo.js',
  '/umami.js',
  '/_vercel/insights/script.js',
  '/kelimoru/gudolo.js',
];

const POSTS = [
  '/api/event',
  '/stats/api/event',
  '/analytics/event',
  '/api/collect',
  '/api/events',
  '/e/?ip=0&_=1763700000000&ver=1.300.0&compression=gzip-js',
  '/i/v0/e/',
  '/i/v0/e/?ip=0&_=1763700000000&ver=1.300.0&compression=gzip-js',
  '/ingest/e/?ip=0&_=1763700000000&ver=1.300.0&compression=gzip-js',
  '/flags/?v=2',
  '/decide/?v=3&ip=0&_=1763700000000&ver=1.96.1',
  '/s/?ip=0&_=1763700000000&ver=1.300.0',
  '/api/surveys/?token=phc_abc',
  '/cdn-cgi/rum?',
  '/g/collect?v=2&tid=G-1',
  '/kelimoru/fobaru',
  '/kelimoru/fobaru?ip=0&_=1763700000000&ver=1.300.0&compression=gzip-js',
];

const IMAGES = ['/s.gif?u=1', '/pixel.gif?u=1', '/logo.png'];

/** All of them. */
export function controls() {
  const of = (kind, paths) => HOSTS.flatMap((host) => paths.map((path) => ({ kind, address: `https://${host}${path}` })));
  return [...of('script', SCRIPTS), ...of('xmlhttprequest', POSTS), ...of('image', IMAGES)];
}
