// The web server in front of the site: TLS, one origin, the analytics prefixes to bauta and the rest to the application.
// It keeps one single connection to bauta, as a proxy with keep-alive does, and replaces X-Forwarded-For.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { join } from 'node:path';

/** Starts the front. `folder` takes the self-made certificate, `hosts` are its names, `prefixes` lead to bauta. */
export async function startFront({ folder, hosts, prefixes, application, bauta }) {
  const sockets = new Set();
  const posts = [];
  const requests = [];
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const server = https.createServer(certificate(folder, hosts), (request, response) => {
    const toBauta = hosts[0] === request.headers.host && prefixes.some((prefix) => request.url.startsWith(`${prefix}/`));
    if (toBauta) requests.push({ method: request.method, path: request.url.split('?')[0], referer: request.headers.referer });
    const headers = { ...request.headers, 'x-forwarded-for': request.socket.remoteAddress, 'x-forwarded-proto': 'https' };
    const onward = http.request(
      { host: '127.0.0.1', port: toBauta ? bauta : application, agent: toBauta ? agent : undefined, method: request.method, path: request.url, headers },
      (answer) => {
        response.writeHead(answer.statusCode, answer.headers);
        answer.pipe(response);
      },
    );
    if (toBauta) onward.on('socket', (socket) => sockets.add(socket));
    if (toBauta && request.method === 'POST') posts.push(request.headers);
    onward.on('error', () => response.headersSent || response.writeHead(502).end());
    // A page that leaves in the middle of a body: nobody will end it, and the connection would wait for that.
    request.on('close', () => request.complete || onward.destroy());
    request.pipe(onward);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: server.address().port,
    /** The headers of every event post, as the browser sent them. */
    posts,
    /** Every request that was led to bauta: `{method, path, referer}`. */
    requests,
    /** How many connections to bauta there have been. */
    get connections() {
      return sockets.size;
    },
    async stop() {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

/** A certificate for these names that signs itself, and its key. */
export function certificate(folder, hosts) {
  const [key, cert] = [join(folder, 'front.key'), join(folder, 'front.crt')];
  const names = hosts.map((host) => `DNS:${host}`).join(',');
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=bauta tests',
      '-addext', `subjectAltName=${names}`, '-keyout', key, '-out', cert],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  return { key: readFileSync(key), cert: readFileSync(cert) };
}
