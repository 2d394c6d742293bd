// Consent banners as their makers publish them on npm, each set up on a page the way its documentation says, and where a
// person clicks in it. The page's client is Plausible's own, which every banner leaves alone.

/** The packages, by the first part of a page's path below /banner/. */
export const BANNERS = {
  'vanilla-cookieconsent': {
    source: '{ kind = "vanilla-cookieconsent", category = "analytics" }',
    cookie: 'cc_cookie',
    head: `<link rel="stylesheet" href="/packages/vanilla-cookieconsent/dist/cookieconsent.css">
      <script src="/packages/vanilla-cookieconsent/dist/cookieconsent.umd.js"></script>
      <script type="module">
        const words = { acceptAllBtn: 'Accept', acceptNecessaryBtn: 'Reject', showPreferencesBtn: 'Choose' };
        CookieConsent.run({
          hideFromBots: false, // or it stays away from browsers under automation
          categories: { necessary: { enabled: true, readOnly: true }, analytics: {} },
          language: { default: 'en', translations: { en: {
            consentModal: { title: 'Cookies', description: 'May we count?', ...words },
            preferencesModal: { title: 'Cookies', ...words, savePreferencesBtn: 'Save', sections: [{ title: 'Analytics', linkedCategory: 'analytics' }] },
          } } },
        });
      </script>`,
    again: '<button id="again" data-cc="show-preferencesModal">Cookies</button>',
    accept: '#cc-main .cm [data-role="all"]',
    reject: '#cc-main .cm [data-role="necessary"]',
    reopen: '#again',
    acceptAgain: '#cc-main .pm [data-role="all"]',
    withdraw: '#cc-main .pm [data-role="necessary"]',
  },
  klaro: {
    source: '{ kind = "klaro", service = "plausible" }',
    cookie: 'klaro',
    head: `<script>
        var klaroConfig = { version: 1, storageMethod: 'cookie', acceptAll: true, lang: 'en', translations: { en: { purposes: { analytics: 'Counting' } } },
          services: [{ name: 'plausible', title: 'Plausible', purposes: ['analytics'] }, { name: 'ads', title: 'Ads', purposes: ['analytics'] }] };
      </script>
      <script defer data-config="klaroConfig" src="/packages/klaro/dist/klaro.js"></script>`,
    again: '<button id="again" onclick="klaro.show(undefined, true)">Cookies</button>',
    accept: '.cookie-notice .cm-btn-success',
    reject: '.cookie-notice .cn-decline',
    reopen: '#again',
    acceptAgain: ['label[for="purpose-item-analytics"]', '.cookie-modal .cm-btn-accept'],
    withdraw: ['label[for="purpose-item-analytics"]', '.cookie-modal .cm-btn-accept'],
  },
  tarteaucitronjs: {
    source: '{ kind = "tarteaucitron", service = "counting" }',
    cookie: 'tarteaucitron',
    head: `<script src="/packages/tarteaucitronjs/tarteaucitron.js"></script>
      <script>
        window.bannerReady = false; // its buttons are seen before they do anything
        tarteaucitron.events.load = () => { window.bannerReady = true; };
        tarteaucitron.init({ privacyUrl: '', hashtag: '#tarteaucitron', cookieName: 'tarteaucitron', orientation: 'middle', showAlertSmall: false,
          cookieslist: false, showIcon: true, iconPosition: 'BottomRight', adblocker: false, DenyAllCta: true, AcceptAllCta: true, highPrivacy: true,
          handleBrowserDNTRequest: false, removeCredit: true, moreInfoLink: false, bodyPosition: 'bottom' });
        tarteaucitron.services.counting = { key: 'counting', type: 'analytic', name: 'Counting', uri: '', needConsent: true, cookies: [], js() {}, fallback() {} };
        (tarteaucitron.job = tarteaucitron.job || []).push('counting');
      </script>`,
    again: '',
    accept: '#tarteaucitronPersonalize2',
    reject: '#tarteaucitronAllDenied2',
    reopen: '#tarteaucitronManager',
    acceptAgain: '#countingAllowed',
    withdraw: '#countingDenied',
  },
  cookieconsent: {
    source: '{ kind = "insites", type = "opt-in" }',
    cookie: 'cookieconsent_status',
    head: `<link rel="stylesheet" href="/packages/cookieconsent/build/cookieconsent.min.css">
      <script src="/packages/cookieconsent/build/cookieconsent.min.js"></script>
      <script>addEventListener('load', () => cookieconsent.initialise({ type: 'opt-in', revokable: true, animateRevokable: false, palette: { popup: { background: '#222' } } }));</script>`,
    again: '',
    accept: '.cc-window .cc-allow',
    reject: '.cc-window .cc-deny',
    reopen: '.cc-revoke',
    acceptAgain: '.cc-window .cc-allow',
    withdraw: '.cc-window .cc-deny',
  },
  // Brings no look of its own: the buttons are the site's.
  c15t: {
    source: '{ kind = "c15t", category = "measurement" }',
    cookie: 'c15t',
    head: `<script type="importmap">{ "imports": {
        "c15t": "/packages/c15t/dist/index.js", "zustand/vanilla": "/packages/zustand/esm/vanilla.mjs", "valibot": "/packages/valibot/dist/index.mjs",
        "@c15t/schema/types": "/packages/@c15t/schema/dist/types.js", "@c15t/translations": "/packages/@c15t/translations/dist/index.js" } }</script>
      <script type="module">
        import { getOrCreateConsentRuntime } from 'c15t';
        const { consentStore } = getOrCreateConsentRuntime({ mode: 'offline', reloadOnConsentRevoked: false, consentCategories: ['necessary', 'measurement', 'marketing'] });
        const save = (id, what) => document.getElementById(id).addEventListener('click', () => consentStore.getState().saveConsents(what));
        save('accept', 'all');
        save('reject', 'necessary');
      </script>`,
    again: '<button id="accept">Accept</button><button id="reject">Reject</button>',
    accept: '#accept',
    reject: '#reject',
    acceptAgain: '#accept',
    withdraw: '#reject',
  },
};
