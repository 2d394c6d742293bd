// The shop's analytics calls, as any site has them, and the window that shows what became of them.
"use strict";

// ---- the site's analytics: the vendor's snippet, pointed at bauta's path on this origin ----

window.plausible = window.plausible || function () { (window.plausible.q = window.plausible.q || []).push(arguments); };
window.plausible.init = window.plausible.init || function (options) { window.plausible.o = options || {}; };
// The vendor's script keeps silent on 127.0.0.1 and under automation; a demo is both at times.
window.__plausible = true;
window.plausible.init({ endpoint: "/b/api/event", captureOnLocalhost: true });

const person = document.body.dataset;
const byId = (id) => document.getElementById(id);

// Which vendor's client the shop uses: the tab above the comparison.
let vendor = sessionStorage.getItem("vendor") === "posthog" ? "posthog" : "plausible";

function track(name, options) {
  if (vendor === "posthog") {
    hog.capture(name, { ...options.props, ...(options.revenue && { price: options.revenue.amount }) }).then(poll);
    return;
  }
  window.plausible(name, { ...options, callback: () => setTimeout(poll, 30) });
}

const custom = {
  gift: () => track("Gift Card", { props: { note: "With love from " + person.name + ", call +44 7700 900123", wrapped: true } }),
  thirty: () => {
    const props = {};
    for (let i = 0; i < 30; i++) props["k" + String(i).padStart(2, "0")] = "v" + i;
    track("Thirty", { props });
  },
  claim: () => track("Claim", { props: { userId: "somebody-else", page: "shop" } }),
};

document.querySelectorAll("[data-event]").forEach((button) => {
  button.addEventListener("click", () => custom[button.dataset.event]());
});
document.querySelectorAll("[data-buy]").forEach((button) => {
  button.addEventListener("click", () => {
    const { buy, price } = button.dataset;
    track("Add To Cart", { props: { mask: buy, quantity: 1 }, revenue: { currency: "EUR", amount: price } });
  });
});
byId("newsletter").addEventListener("submit", (submit) => {
  submit.preventDefault();
  track("Newsletter", { props: { email: byId("newsletter-email").value, list: "masks" } });
});
document.querySelectorAll("[data-visit]").forEach((link) => {
  link.addEventListener("click", (click) => {
    if (click.metaKey || click.ctrlKey || click.shiftKey) return;
    click.preventDefault();
    history.pushState(null, "", link.getAttribute("href"));
    showAddress();
    if (vendor === "posthog") hog.capture("$pageview", {}).then(poll);
    else setTimeout(poll, 120);
  });
});
function showAddress() {
  byId("here").textContent = location.pathname + location.search;
}
window.addEventListener("popstate", showAddress);
showAddress();
if (navigator.globalPrivacyControl) byId("gpc").textContent = "on";

// ---- small pieces of page ----

function make(tag, classes, ...children) {
  const element = document.createElement(tag);
  if (classes) element.className = classes;
  element.append(...children.filter((child) => child !== null));
  return element;
}

function text(parts, changed) {
  const cell = make("dd", parts.some((part) => !part.same) ? changed : "");
  parts.forEach((part) => cell.append(part.same ? part.text : make("mark", "", part.text)));
  return cell;
}

const WORDS = { n: "name", u: "page", d: "site", r: "referrer", v: "script", sd: "scroll", e: "ms", h: "hash" };
function label(key) {
  if (/^batch\.0\./.test(key)) return key.replace(/^batch\.0\.(properties\.)?/, "");
  const short = key.replace(/^(p|props|m|meta)\./, "");
  return WORDS[key] || (key.startsWith("$.") ? "revenue " + key.slice(2) : short);
}

// One side of a comparison as a list; rows that stayed the same are cut short when there are many, never by just one.
function list(rows, side, changed, most) {
  const isAlike = (row) => row[side] !== null && row[side].every((part) => part.same);
  const box = make("dl", "rows");
  const count = rows.filter(isAlike).length;
  let room = count > most + 1 ? most : count;
  for (const row of rows) {
    if (row[side] === null || (isAlike(row) && room-- <= 0)) continue;
    box.append(make("dt", "", row.word || label(row.key)), text(row[side], changed));
  }
  if (count > most + 1) box.append(make("div", "more", "and " + (count - most) + " more, unchanged"));
  return box;
}

// ---- one event, before and after ----

function pseudonym(side) {
  const found = side && difference.read(side.body).find(([key, value]) => /\.userId$/.test(key) || (/(^|\.)distinct_id$/.test(key) && /^u[a-z0-9]+_/.test(value)));
  return found ? found[1] : null;
}

function kind(side) {
  if (!side) return "nothing";
  return pseudonym(side) ? "full" : "anonymised";
}

// Headers that tell something about the person, and all that arrived; the browser's boilerplate is counted.
const TELLING = /^(cookie|referer|user-agent|content-type|x-forwarded-for|sec-gpc|origin|accept-language)$/;

function headerRows(sent, received) {
  const shorten = (name, value) => (name === "cookie" && value.length > 44 ? value.slice(0, 40) + "… (" + value.length + " bytes)" : value);
  const rows = (side) => side.headers.filter(([name]) => name !== "host" && name !== "content-length").map(([name, value]) => [name, shorten(name, value)]);
  const all = difference.compare(rows(sent), received ? rows(received) : []);
  const shown = all.filter((row) => TELLING.test(row.key) || row.right !== null);
  return { shown: shown.map((row) => ({ ...row, word: row.key })), hidden: all.length - shown.length };
}

function verdict(exchange) {
  const box = byId("verdict");
  box.textContent = "";
  const who = exchange.who ? exchange.who[0].toUpperCase() + exchange.who.slice(1) + (exchange.sharing ? ", sharing" : ", not sharing") : "Nobody logged in";
  box.append(who + (exchange.gpc ? ", Global Privacy Control" : "") + ". ");
  const id = pseudonym(exchange.received);
  if (id) box.append("The vendor knows this person as ", make("b", "", id), " while the account stays here.");
  else if (exchange.received) box.append("The event arrived without any identity of an account.");
  else box.append("Nothing left; the page was answered with " + exchange.status + ".");
}

function show(exchange) {
  verdict(exchange);
  const headers = headerRows(exchange.sent, exchange.received);
  const sent = difference.read(exchange.sent.body);
  const body = difference.compare(sent, exchange.received ? difference.read(exchange.received.body) : []);
  const half = (side, changed) => [
    make("h4", "", "Event"),
    list(body, side, changed, 12),
    make("h4", "", "Headers"),
    list(headers.shown, side, changed, 12),
  ];
  const boilerplate = headers.hidden ? [make("p", "more", "and " + headers.hidden + " more headers, none passed on")] : [];
  byId("sent").replaceChildren(...half("left", "gone"), ...boilerplate);
  byId("received").replaceChildren(...(exchange.received ? half("right", "added") : [make("p", "empty", "Nothing.")]));
}

// ---- the same event at every level ----

const CASES = {
  granted: ["Shares usage data", "the switch is on"],
  refused: ["Does not share", "the switch is off"],
  gpc: ["Global Privacy Control", "the switch is on, the browser objects"],
  nobody: ["Logged out", "no account, nobody to ask"],
  local: ["Account says “local”", "a finer answer than yes or no"],
  off: ["Account says “off”", "a finer answer than yes or no"],
};
const LEVEL = { full: "full", anonymised: "anonymised" };
const NOTHING = { local: "Nothing left. It stays on this side.", off: "Nothing left. It is only counted." };

async function showLevels(exchange) {
  const response = await fetch("/demo/preview?event=" + exchange.id);
  if (!response.ok || selected !== exchange.id) return;
  const sent = difference.read(exchange.sent.body);
  const cards = (await response.json()).map((row) => {
    const [title, why] = CASES[row.key];
    const level = kind(row.received);
    const card = make("article", "case " + level, make("h3", "", title), make("p", "quiet small", why));
    card.append(make("span", "badge", LEVEL[level] || row.key));
    if (!row.received) {
      card.append(make("p", "empty", NOTHING[row.key] || "Nothing left."));
      return card;
    }
    const rows = difference.compare(sent, difference.read(row.received.body));
    const wanted = rows.filter((one) => !/^(v|d|sd|e)$/.test(one.key) && one.right !== null && !(one.key === "r" && one.right[0].text === "null"));
    const isId = (key) => /(\.userId|(^|\.)distinct_id|\.\$cookieless_mode)$/.test(key);
    wanted.sort((one, other) => isId(other.key) - isId(one.key));
    card.append(list(wanted, "right", "added", 6));
    return card;
  });
  if (selected === exchange.id) byId("levels").replaceChildren(...cards);
}

// ---- on a small screen: a word about the newest event while the window is out of sight ----

let inSight = true;
new IntersectionObserver(([entry]) => {
  inSight = entry.isIntersecting;
  if (inSight) byId("peek").classList.remove("shown");
}).observe(byId("verdict"));

const FATES = { full: "arrived with a pseudonym", anonymised: "arrived without account identity", nothing: "did not leave" };
function peek(exchange) {
  byId("peek").firstElementChild.textContent = exchange.name + " " + FATES[kind(exchange.received)];
  byId("peek").classList.toggle("shown", !inSight);
}

// ---- the list of events ----

const known = new Map();
let selected = 0;

function select(id) {
  selected = id;
  const exchange = known.get(id);
  show(exchange);
  peek(exchange);
  showLevels(exchange).catch(() => {});
  draw();
}

// Which page a page view was of; other events have telling names.
function path(exchange) {
  if (!/^\$?pageview$/.test(exchange.name)) return null;
  const page = difference.read(exchange.sent.body).find(([key]) => key === "u" || key === "url" || /\$current_url$/.test(key));
  return make("span", "quiet", page ? page[1].replace(/^[a-z]+:\/\/[^/]*/, "").replace(/[?#].*/, "") : "");
}

function draw() {
  const buttons = [...known.values()].filter((exchange) => exchange.vendor === vendor).reverse().slice(0, 14).map((exchange) => {
    const button = make("button", "", make("span", "dot " + kind(exchange.received)), exchange.name, path(exchange));
    button.type = "button";
    button.setAttribute("aria-current", String(exchange.id === selected));
    button.addEventListener("click", () => select(exchange.id));
    return make("li", "", button);
  });
  byId("events").replaceChildren(...buttons);
}

let newest = 0;
let asking = false;

async function poll() {
  if (asking) return;
  asking = true;
  try {
    const response = await fetch("/demo/state?after=" + newest);
    const fresh = response.ok ? await response.json() : [];
    for (const exchange of fresh) {
      known.set(exchange.id, exchange);
      newest = exchange.id;
    }
    while (known.size > 40) known.delete(known.keys().next().value);
    const telling = fresh.filter((exchange) => exchange.name !== "engagement" && exchange.vendor === vendor);
    if (telling.length) select(telling[telling.length - 1].id);
    else if (fresh.length) draw();
  } catch (_) {
    // The demo was stopped; the next round tries again.
  } finally {
    asking = false;
  }
}

// ---- the vendor's tab ----

function choose(word) {
  vendor = word;
  sessionStorage.setItem("vendor", word);
  document.querySelectorAll("[data-vendor]").forEach((tab) => tab.setAttribute("aria-selected", String(tab.dataset.vendor === word)));
  draw();
  const newestOfIt = [...known.values()].filter((exchange) => exchange.vendor === word).pop();
  if (newestOfIt) select(newestOfIt.id);
  else if (word === "posthog") hog.start().then(poll);
}
document.querySelectorAll("[data-vendor]").forEach((tab) => tab.addEventListener("click", () => choose(tab.dataset.vendor)));
if (vendor === "posthog") choose(vendor);

setInterval(() => { if (document.visibilityState === "visible") poll(); }, 1000);
poll();
