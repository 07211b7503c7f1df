import { type AwsProxy, passOn, relay, startAwsProxy } from './aws-proxy';

/**
 * In front of the emulator, which shows templates as they were sent: CloudFormation's GetTemplate gives back `?` for every
 * character beyond ASCII (aws-cloudformation/cloudformation-coverage-roadmap #814 and #1220).
 */
export function startShowingTemplates(upstream: string): Promise<AwsProxy> {
  return startAwsProxy((passed, answer) => {
    if (!/(^|&)Action=GetTemplate(&|$)/.test(passed.body.toString())) return relay(upstream, passed, answer);
    // What is to be read here must not be compressed.
    const { 'accept-encoding': _encoding, ...headers } = passed.headers;
    passOn(upstream, { ...passed, headers }).then(
      async (response) => {
        let text = '';
        for await (const part of response.setEncoding('utf8')) text += String(part);
        const shown = text.replace(/[^\p{ASCII}]/gu, '?');
        const { 'transfer-encoding': _transfer, 'content-length': _length, ...rest } = response.headers;
        answer.writeHead(response.statusCode ?? 500, { ...rest, 'content-length': shown.length }).end(shown);
      },
      () => answer.destroy(),
    );
  });
}
