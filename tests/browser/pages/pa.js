// A stand-in for Plausible's per-site script (`/js/pa-<id>.js`), which is in no package registry. Its configuration
// comes with the file, with an absolute endpoint at the vendor that the page must override; the page's
// `plausible.init()` call is waiting in `plausible.o` when the script arrives.
(() => {
  const config = { domain: 'shop.example', endpoint: 'https://plausible.io/api/event', ...window.plausible?.o };

  function send(name, options) {
    if (navigator.webdriver && !window.__plausible) return;
    let body = { n: name, v: 34, u: options?.u ?? options?.url ?? location.href, d: config.domain, r: document.referrer || null };
    const custom = typeof config.customProperties === 'function' ? config.customProperties(name) : config.customProperties;
    if (options?.props || custom) body.p = { ...custom, ...options?.props };
    if (options?.interactive === false) body.i = false;
    if (config.transformRequest) body = config.transformRequest(body);
    if (!body) return;
    fetch(config.endpoint, {
      method: 'POST',
      headers: { 'Content-Type': 'text/plain' },
      keepalive: true,
      body: JSON.stringify(body),
    }).then((answer) => options?.callback?.({ status: answer.status }));
  }

  const queue = window.plausible?.q ?? [];
  window.plausible = send;
  for (const call of queue) send(...call);
  const push = history.pushState;
  history.pushState = function (...state) {
    push.apply(this, state);
    send('pageview');
  };
  send('pageview');
})();
