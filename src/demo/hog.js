// What PostHog's client sends from a page, small and without compression, so that it can be read in the window beside it:
// page views and events in a batch, an identify with the account's e-mail, and a question about feature flags.
"use strict";

const hog = (() => {
  const TOKEN = "phc_masksDemo";
  const PATH = "/i/";
  const kept = (store, key) => {
    if (!store.getItem(key)) store.setItem(key, crypto.randomUUID());
    return store.getItem(key);
  };
  const device = kept(localStorage, "hog_device");
  const visit = kept(sessionStorage, "hog_visit");
  const { email, name, handle } = document.body.dataset;
  // Many sites identify by e-mail; this one does, to show what becomes of it.
  const distinct = () => (handle ? email : device);

  // As the client does: text/plain, so that no preflight is needed.
  const post = (path, body) => fetch(PATH + path, { method: "POST", headers: { "content-type": "text/plain" }, body: JSON.stringify(body) }).catch(() => {});

  function capture(event, properties, beside) {
    const now = new Date().toISOString();
    const all = {
      distinct_id: distinct(),
      $device_id: device,
      $session_id: visit,
      $current_url: location.href,
      $host: location.host,
      $pathname: location.pathname,
      $raw_user_agent: navigator.userAgent,
      $lib: "web",
      $process_person_profile: Boolean(handle),
      ...(handle && { $user_id: email }),
      ...properties,
    };
    const one = { uuid: crypto.randomUUID(), event, properties: all, timestamp: now, ...beside };
    return post("i/v0/e/", { api_key: TOKEN, batch: [one], sent_at: now });
  }

  async function start() {
    await post("flags/?v=2", { token: TOKEN, distinct_id: distinct(), $device_id: device, groups: {}, person_properties: handle ? { email } : {} });
    if (handle) await capture("$identify", { $anon_distinct_id: device }, { $set: { email, name } });
    await capture("$pageview", {});
  }

  return { capture, start };
})();
