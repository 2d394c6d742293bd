// Stand-in for a classic Plausible script (`/js/script.*.js`), written for the bauta demo from the described
// behaviour of the original: data-domain, data-api, the window.plausible queue, engagement on leaving.
(function () {
  "use strict";
  var extensions = "%EXTENSIONS%";
  var tag = document.currentScript;
  var endpoint = tag.getAttribute("data-api") || new URL(tag.src).origin + "/api/event";
  var sites = tag.getAttribute("data-domain");
  var hash = has("hash");
  var queue = (window.plausible && window.plausible.q) || [];
  var page = null;
  var since = 0;

  function has(extension) {
    return extensions.indexOf(extension) !== -1;
  }

  function silenced() {
    var local = /^localhost$|^127(\.[0-9]+){0,3}$|^\[::1?\]$/.test(location.hostname) || location.protocol === "file:";
    if (local && !has("local")) return "localhost";
    var automated = navigator.webdriver || window._phantom || window.__nightmare || window.Cypress;
    if (automated && !window.__plausible) return "automation";
    try {
      if (localStorage.getItem("plausible_ignore") === "true") return "localStorage";
    } catch (_) {}
    return null;
  }

  function post(event, done) {
    fetch(endpoint, {
      method: "POST",
      headers: { "Content-Type": "text/plain" },
      keepalive: true,
      body: JSON.stringify(event),
    }).then(
      function (response) { if (done) done({ status: response.status }); },
      function (error) { if (done) done({ error: error }); }
    );
  }

  function tagProps() {
    var props = {};
    Array.prototype.forEach.call(tag.attributes, function (attribute) {
      if (attribute.name.indexOf("event-") === 0) props[attribute.name.slice(6)] = attribute.value;
    });
    return props;
  }

  function send(name, given) {
    given = given || {};
    var reason = silenced();
    if (reason) {
      console.warn("Ignoring Event: " + reason);
      if (given.callback) given.callback();
      return;
    }
    var url = hash ? location.href : location.href.replace(/#.*$/, "");
    var event = { n: name, v: 34, u: (has("manual") && given.u) || url, d: sites, r: document.referrer || null };
    if (given.meta) event.m = JSON.stringify(given.meta);
    var props = Object.assign({}, given.props, has("pageview-props") ? tagProps() : {});
    if (Object.keys(props).length) event.p = props;
    if (given.interactive === false) event.i = false;
    if (has("revenue") && given.revenue) event.$ = given.revenue;
    if (hash) event.h = 1;
    if (name === "pageview") {
      page = event;
      since = performance.now();
    }
    post(event, given.callback);
  }

  function leave() {
    if (!page) return;
    var body = document.documentElement;
    var depth = Math.min(100, Math.round(((window.scrollY + window.innerHeight) / Math.max(body.scrollHeight, 1)) * 100));
    var event = { n: "engagement", sd: depth, d: page.d, u: page.u, e: Math.round(performance.now() - since), v: 34 };
    if (page.p) event.p = page.p;
    if (page.h) event.h = page.h;
    page = null;
    post(event);
  }

  var last = null;
  function navigate() {
    if (!hash && last === location.pathname + location.search) return;
    if (last !== null) leave();
    last = location.pathname + location.search;
    send("pageview");
  }

  window.plausible = send;
  window.plausible.l = true;
  queue.forEach(function (call) { send.apply(null, call); });
  window.addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", function () { if (document.visibilityState === "hidden") leave(); });
  if (!has("manual")) {
    if (hash) {
      window.addEventListener("hashchange", navigate);
    } else {
      var push = history.pushState;
      history.pushState = function () {
        push.apply(this, arguments);
        navigate();
      };
      window.addEventListener("popstate", navigate);
    }
    navigate();
  }
})();
