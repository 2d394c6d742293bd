// A stand-in for Plausible's classic script (`<script data-domain data-api src=".../js/script.js">`), which is in no
// package registry. Written from its documented behaviour: same keys, same transport, same refusals.
(() => {
  const script = document.currentScript;
  const endpoint = script.dataset.api || `${new URL(script.src).origin}/api/event`;
  let reported = -1;
  let page;

  const post = (body, options) =>
    fetch(endpoint, {
      method: 'POST',
      headers: { 'Content-Type': 'text/plain' },
      keepalive: true,
      body: JSON.stringify(body),
    }).then((answer) => options?.callback?.({ status: answer.status }));

  function send(name, options) {
    if (/^localhost$|^127\./.test(location.hostname) || location.protocol === 'file:') return;
    if (navigator.webdriver && !window.__plausible) return;
    const body = { n: name, v: 34, u: options?.u ?? location.href, d: script.dataset.domain, r: document.referrer || null };
    if (options?.meta) body.m = JSON.stringify(options.meta);
    if (options?.props) body.p = options.props;
    if (options?.interactive === false) body.i = false;
    if (name === 'pageview') {
      engage();
      page = { u: body.u, p: body.p };
      reported = -1;
    }
    post(body, options);
  }

  function engage() {
    const depth = Math.round(((scrollY + innerHeight) / document.documentElement.scrollHeight) * 100);
    if (!page || depth <= reported) return;
    reported = depth;
    post({ n: 'engagement', sd: Math.min(depth, 100), e: 1, d: script.dataset.domain, v: 34, ...page });
  }

  const queue = window.plausible?.q ?? [];
  window.plausible = send;
  for (const call of queue) send(...call);
  const push = history.pushState;
  history.pushState = function (...state) {
    push.apply(this, state);
    send('pageview');
  };
  addEventListener('visibilitychange', () => document.visibilityState === 'hidden' && engage());
  send('pageview');
})();
