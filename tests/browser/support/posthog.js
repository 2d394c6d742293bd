// The strict stand-in for PostHog that comes with bauta, as a process of its own, and what it remembers.

import { spawn } from 'node:child_process';

const BINARY = process.env.BAUTA_BIN ?? 'target/debug/bauta';
const DEADLINE = 20_000;

/** The project. */
export const TOKEN = 'phc_BrowserTests0000000000000000000000000000000';

/** Starts it. `dist`: the folder of posthog-js that it serves; `records`: its configuration asks pages to record. */
export async function startPostHog({ dist, records = false } = {}) {
  const options = ['--vendor-only', '--posthog', '--token', TOKEN, ...(dist ? ['--dist', dist] : []), ...(records ? ['--records'] : [])];
  const child = spawn(BINARY, ['demo', ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((done) => child.on('exit', done));
  child.stdout.setEncoding('utf8');
  const url = await new Promise((done, fail) => {
    let text = '';
    child.stdout.on('data', (chunk) => (text += chunk).includes('\n') && done(text.trim()));
    ended.then((code) => fail(new Error(`the stand-in ended with ${code}`)));
  });
  const read = async (path) => (await fetch(`${url}${path}`)).json();
  return {
    url,
    /** The stored events. */
    events: () => read('/_events'),
    /** The flag evaluations. */
    flags: () => read('/_flags'),
    /** Every request with what its body decoded to. */
    requests: () => read('/_requests'),
    /** Forgets everything. */
    clear: () => fetch(`${url}/_events`, { method: 'DELETE' }),
    /** The first stored event that fits, waiting for it if need be. */
    async event(description, fits) {
      const until = Date.now() + DEADLINE;
      for (let events = await read('/_events'); ; events = await read(`/_events?count=${events.length + 1}&wait=1000`)) {
        const found = events.find(fits);
        if (found) return found;
        if (Date.now() > until) {
          const names = (await read('/_requests')).map(({ method, path, status, error, discarded }) => `${method} ${path} ${status} ${error ?? ''}${discarded}`);
          throw new Error(`no event is: ${description}. Stored: ${events.map((event) => event.name)}. Requests: ${names.join(', ')}`);
        }
      }
    },
    /** The first flag evaluation that fits. */
    async flagCall(fits) {
      const until = Date.now() + DEADLINE;
      for (;;) {
        const found = (await read('/_flags')).find(fits);
        if (found) return found;
        if (Date.now() > until) throw new Error(`no such evaluation among ${JSON.stringify(await read('/_flags'))}`);
        await new Promise((again) => setTimeout(again, 50));
      }
    },
    stop() {
      child.kill('SIGTERM');
      return ended;
    },
  };
}
