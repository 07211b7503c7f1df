import { CERTIFICATE_WANTED, closedWords } from '../../rules/certificates';
import { silence } from '../../client/temporal/explain-error';

describe('closedWords', () => {
  it.each([
    ['tls: certificate required', CERTIFICATE_WANTED],
    ['connection closed', /^connection closed; if it requires a client certificate, set TEMPORAL_TLS_CLIENT_CERT_PATH/],
    ['broken pipe', /^broken pipe; if it requires a client certificate/],
    ['connection refused', /^connection refused$/],
  ])('says of a client without a certificate about "%s" what to set', (text, expected) => {
    expect(closedWords(text, { hasCertificate: false })).toMatch(expected);
  });

  it.each(['certificate required', 'connection closed'])('leaves "%s" of a client with one as it is', (text) =>
    expect(closedWords(text, { hasCertificate: true })).toBe(text),
  );
});

it("a server's alert that a certificate is required says which variables to set", () => {
  const alert = Object.assign(new Error('tlsv13 alert certificate required'), {
    code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
  });
  expect(silence(alert)).toBe(CERTIFICATE_WANTED);
});
