import { relay, startAwsProxy } from './aws-proxy';

/**
 * What SSM documents of the value of a standard parameter and the emulator does not enforce, read strictly: 1 to 4,096 bytes, and
 * no double braces. Beside it what any service may refuse: text that is no text.
 */
export function refusalBySsm(value: string): string | undefined {
  if (value === '') return 'the value is empty';
  if (Buffer.byteLength(value) > 4_096)
    return 'Standard tier parameters support a maximum parameter value of 4096 characters.';
  if (/\{\{|\}\}/.test(value)) return "Parameter value can't nest another parameter. Do not use {{}} in the value.";
  if (/[\p{Cc}\p{Surrogate}]/u.test(value)) return 'the value has characters that are none';
  return undefined;
}

export interface SsmRules {
  readonly url: string;
  /** Every value that was refused. */
  readonly refused: string[];
  /** Refused as well, from now on: an undocumented rule. */
  also: (value: string) => boolean;
  close(): Promise<void>;
}

/** In front of an AWS endpoint: refuses what SSM refuses, and passes everything else on. */
export async function startSsmRules(upstream: string): Promise<SsmRules> {
  const refused: string[] = [];
  const rules = { refused, also: (_value: string): boolean => false };
  const proxy = await startAwsProxy((passed, answer) => {
    if (passed.headers['x-amz-target'] === 'AmazonSSM.PutParameter') {
      const { Value } = JSON.parse(passed.body.toString()) as { Value: string };
      const message = refusalBySsm(Value) ?? (rules.also(Value) ? 'not a value' : undefined);
      if (message !== undefined) {
        refused.push(Value);
        answer.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' });
        return void answer.end(JSON.stringify({ __type: 'ValidationException', message }));
      }
    }
    relay(upstream, passed, answer);
  });
  return Object.assign(rules, proxy);
}
