// Stand-in for a Plausible per-site script (`/js/pa-<id>.js`), written for the bauta demo from the described
// behaviour of the original: queue, plausible.init(), automatic page views, engagement on leaving.
(function () {
  "use strict";
  var site = "%CONFIG%";
  var stub = window.plausible || {};
  var options = {};
  var started = false;
  var page = null; // the page view that engagement belongs to
  var shown = 0; // since when the page has been visible, ms
  var spent = 0; // visible time before that, ms
  var deepest = 0; // scroll depth, percent
  var told = -1; // scroll depth of the last engagement sent

  function silenced() {
    var local = /^localhost$|^127(\.[0-9]+){0,3}$|^\[::1?\]$/.test(location.hostname) || location.protocol === "file:";
    if (local && !options.captureOnLocalhost) return "localhost";
    var automated = navigator.webdriver || window._phantom || window.__nightmare || window.Cypress;
    if (automated && !window.__plausible) return "automation";
    try {
      if (localStorage.getItem("plausible_ignore") === "true") return "localStorage";
    } catch (_) {}
    return null;
  }

  function address() {
    return options.hashBasedRouting ? location.href : location.href.replace(/#.*$/, "");
  }

  function post(event, done) {
    fetch(options.endpoint || site.endpoint, {
      method: "POST",
      headers: { "Content-Type": "text/plain" },
      keepalive: true,
      body: JSON.stringify(event),
    }).then(
      function (response) { if (done) done({ status: response.status }); },
      function (error) { if (done) done({ error: error }); }
    );
  }

  function send(name, given) {
    given = given || {};
    var reason = silenced();
    if (reason) {
      console.warn("Ignoring event: " + reason);
      if (given.callback) given.callback();
      return;
    }
    var event = { n: name, v: 34, u: given.url || address(), d: site.domain, r: document.referrer || null };
    if (given.interactive === false) event.i = false;
    if (given.revenue) event.$ = given.revenue;
    var always = typeof options.customProperties === "function" ? options.customProperties(name) : options.customProperties;
    var props = Object.assign({}, always, given.props);
    if (Object.keys(props).length) event.p = props;
    if (options.hashBasedRouting) event.h = 1;
    if (typeof options.transformRequest === "function") {
      event = options.transformRequest(event);
      if (!event) return;
    }
    if (name === "pageview") open(event);
    post(event, given.callback);
  }

  // ---- engagement ----

  function depth() {
    var body = document.documentElement;
    var height = Math.max(body.scrollHeight, 1);
    return Math.min(100, Math.round(((window.scrollY + window.innerHeight) / height) * 100));
  }

  function open(event) {
    page = event;
    shown = document.visibilityState === "visible" ? performance.now() : 0;
    spent = 0;
    deepest = depth();
    told = -1;
  }

  function leave() {
    if (!page) return;
    var time = Math.round(spent + (shown ? performance.now() - shown : 0));
    if (deepest <= told && time < 3000) return;
    told = deepest;
    spent = 0;
    shown = document.visibilityState === "visible" ? performance.now() : 0;
    var event = { n: "engagement", sd: deepest, d: page.d, u: page.u, e: time, v: 34 };
    if (page.p) event.p = page.p;
    if (page.h) event.h = page.h;
    post(event);
  }

  // ---- automatic page views ----

  var last = null;
  function navigate() {
    if (!options.hashBasedRouting && last === location.pathname + location.search) return;
    if (last !== null) leave();
    last = location.pathname + location.search;
    send("pageview");
  }

  function init(given) {
    if (started) return;
    started = true;
    options = given || {};
    document.addEventListener("scroll", function () { deepest = Math.max(deepest, depth()); }, { passive: true });
    document.addEventListener("visibilitychange", function () {
      if (document.visibilityState === "hidden") {
        spent += shown ? performance.now() - shown : 0;
        shown = 0;
        leave();
      } else {
        shown = performance.now();
      }
    });
    window.addEventListener("pagehide", leave);
    if (options.autoCapturePageviews !== false) {
      var push = history.pushState;
      history.pushState = function () {
        push.apply(this, arguments);
        navigate();
      };
      window.addEventListener("popstate", navigate);
      if (options.hashBasedRouting) window.addEventListener("hashchange", navigate);
      navigate();
    }
  }

  window.plausible = send;
  window.plausible.init = init;
  window.plausible.l = true;
  if (stub.o) init(stub.o);
  (stub.q || []).forEach(function (call) { send.apply(null, call); });
})();
