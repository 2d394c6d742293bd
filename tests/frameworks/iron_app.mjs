// iron-session. Arguments: port, password.
import http from 'node:http';
import { getIronSession } from 'iron-session';

const [port, password] = process.argv.slice(2);
http
  .createServer(async (request, response) => {
    const url = new URL(request.url, 'http://localhost');
    const options = { password, cookieName: 'app', cookieOptions: { secure: false } };
    const session = await getIronSession(request, response, options);
    if (url.pathname === '/login') {
      session.user = { id: url.searchParams.get('user') };
      await session.save();
      response.end('ok');
    } else if (url.pathname === '/logout') {
      session.destroy();
      response.end('ok');
    } else {
      response.end(session.user?.id ?? '');
    }
  })
  .listen(Number(port), '127.0.0.1');
