/** Why a server with TLS closes a connection, and what to set. Pure. */

const SET = 'set TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH';
export const CERTIFICATE_WANTED = `it requires a client certificate: ${SET}`;

const CLOSED = /connection (was )?closed|operation was cancel|broken pipe|connection reset/i;
const WANTED = /certificate.?required|bad.?certificate/i;

/** Of a client that shows no certificate, the closed connection means most likely that one is required: some libraries do not report more. */
export function closedWords(text: string, { hasCertificate }: { readonly hasCertificate: boolean }): string {
  if (WANTED.test(text) && !hasCertificate) return CERTIFICATE_WANTED;
  if (CLOSED.test(text) && !hasCertificate) return `${text}; if it requires a client certificate, ${SET}`;
  return text;
}
