import { readFileSync } from 'node:fs';
import { INSIDE_PEM } from '../../helpers/processes/forward-proxy';
import { relaySettings } from '../../../worker/relay/settings';

const TOKEN = 'a-token-of-more-than-16';
const SAFE = { ROLLOUT_RELAY_TOKEN: TOKEN, ROLLOUT_RELAY_TLS_CERT: INSIDE_PEM, ROLLOUT_RELAY_TLS_KEY: INSIDE_PEM };

it('is no relay without a port, and tells nobody', () => {
  expect(relaySettings({})).toEqual({ tell: [] });
});

it('listens on loopback without a token and TLS', () => {
  const { listen } = relaySettings({ ROLLOUT_RELAY_PORT: '8443' });
  expect(listen).toEqual({ host: '127.0.0.1', port: 8443, mostStreams: 20_000 });
});

it('listens beyond loopback with a token and TLS, whose parts are paths or the PEM itself', () => {
  const pem = readFileSync(INSIDE_PEM, 'utf8');
  const wide = { ...SAFE, ROLLOUT_RELAY_PORT: '8443', ROLLOUT_RELAY_HOST: '0.0.0.0', ROLLOUT_RELAY_STREAMS: '5' };
  const expected = { host: '0.0.0.0', port: 8443, token: TOKEN, tls: { cert: pem, key: pem }, mostStreams: 5 };
  expect(relaySettings(wide).listen).toEqual(expected);
  expect(relaySettings({ ...wide, ROLLOUT_RELAY_TLS_CERT: pem, ROLLOUT_RELAY_TLS_KEY: pem }).listen).toEqual(expected);
});

it.each(['ROLLOUT_RELAY_TOKEN', 'ROLLOUT_RELAY_TLS_CERT', 'ROLLOUT_RELAY_TLS_KEY'])(
  'does not listen beyond loopback without %s',
  (name) => {
    const env = { ...SAFE, ROLLOUT_RELAY_PORT: '8443', ROLLOUT_RELAY_HOST: '0.0.0.0', [name]: undefined };
    expect(() => relaySettings(env)).toThrow('does not listen at 0.0.0.0 without a token and TLS: set ROLLOUT');
  },
);

it('tells other relays, several at once', () => {
  const { tell } = relaySettings({ ROLLOUT_RELAY_URL: 'https://relay.internal:8443, http://127.0.0.1:1/behind' });
  expect(tell.map(({ href }) => href)).toEqual(['https://relay.internal:8443/', 'http://127.0.0.1:1/behind']);
});

it('reports every problem at once, and shows no token and no password', () => {
  const env = {
    ROLLOUT_RELAY_PORT: 'x',
    ROLLOUT_RELAY_STREAMS: '-1',
    ROLLOUT_RELAY_TOKEN: 'short-secret',
    ROLLOUT_RELAY_TLS_CERT: '/nowhere.pem',
    ROLLOUT_RELAY_URL: 'http://relay.internal,https://me:secret@relay.internal',
  };
  const parts = ['PORT is "x"', 'STREAMS is "-1"', 'TOKEN must have 16', 'TLS_CERT cannot be read', 'set both', 'URL'];
  for (const part of parts) expect(() => relaySettings(env)).toThrow(part);
  expect(() => relaySettings(env)).not.toThrow(/secret/);
});
