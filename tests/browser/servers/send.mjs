// What an application's server does with posthog-node: one event, one identify, one flag.

import { PostHog } from 'posthog-node';

const { SEND_TO, SEND_TOKEN, SEND_USER, SEND_EMAIL, PLAIN } = process.env;
const client = new PostHog(SEND_TOKEN, { host: SEND_TO, flushAt: 1, disableCompression: PLAIN === '1', fetchRetryCount: 0 });
client.on('error', (error) => {
  console.error(error);
  process.exitCode = 1;
});
client.capture({ distinctId: SEND_USER, event: 'Paid', properties: { amount: 3, receipt: `to ${SEND_EMAIL}` } });
client.identify({ distinctId: SEND_USER, properties: { email: SEND_EMAIL } });
const value = await client.getFeatureFlag('price-test', SEND_USER, { personProperties: { email: SEND_EMAIL }, sendFeatureFlagEvents: false });
await client.shutdown();
console.log(JSON.stringify({ 'price-test': value }));
