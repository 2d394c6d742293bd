// express-session with connect-redis or connect-pg-simple. Arguments: port, store, its address as JSON, secret.
'use strict';
const express = require('express');
const session = require('express-session');

async function storeOf(kind, place) {
  if (kind === 'redis') {
    const { RedisStore } = require('connect-redis');
    const client = require('redis').createClient(place);
    await client.connect();
    return new RedisStore({ client });
  }
  const Store = require('connect-pg-simple')(session);
  return new Store({ pool: new (require('pg').Pool)(place), pruneSessionInterval: false });
}

async function main([port, kind, place, secret]) {
  const app = express();
  const store = await storeOf(kind, JSON.parse(place));
  app.use(session({ store, secret, resave: false, saveUninitialized: false }));
  app.get('/login', (request, response) => {
    request.session.passport = { user: request.query.user };
    request.session.save(() => response.send('ok'));
  });
  app.get('/logout', (request, response) => request.session.destroy(() => response.send('ok')));
  app.get('/me', (request, response) => response.send(request.session.passport?.user ?? ''));
  app.listen(Number(port), '127.0.0.1');
}

main(process.argv.slice(2));
