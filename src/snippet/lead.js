(function (w, origin, table) {
  function to(address) {
    if (typeof address !== "string" && !(address instanceof URL)) return address;
    var url;
    try { url = new URL(address, w.location.href); } catch (e) { return address; }
    var found = table[url.pathname.replace(/(\/static\/)[0-9.]+\//, "$1")];
    if (url.origin !== origin || !found) return address;
    url.pathname = found;
    return url.href;
  }
  function ours(address) { return origin !== w.location.origin && String(address).indexOf(origin + "/") === 0; }
  var open = XMLHttpRequest.prototype.open, ask = w.fetch, beacon = navigator.sendBeacon;
  XMLHttpRequest.prototype.open = function () {
    var given = [].slice.call(arguments), opened;
    given[1] = to(given[1]);
    opened = open.apply(this, given);
    if (ours(given[1])) this.withCredentials = true;
    return opened;
  };
  if (ask) w.fetch = function (address, options) {
    var asked = to(address);
    return ask.call(w, asked, ours(asked) ? Object.assign({}, options, { credentials: "include" }) : options);
  };
  if (beacon) navigator.sendBeacon = function (address, body) { return beacon.call(navigator, to(address), body); };
  var src = Object.getOwnPropertyDescriptor(HTMLScriptElement.prototype, "src");
  Object.defineProperty(HTMLScriptElement.prototype, "src", {
    configurable: true, enumerable: src.enumerable, get: src.get,
    set: function (address) { src.set.call(this, to(address)); }
  });
})(window, __ORIGIN__, __TABLE__);
