/** Break an invariant outside the product, so that the check itself is checked: no switch for it is in the product. */
import type { AwsRequest, FaultAnswer } from './aws-faults';
import type { Breaker } from './fault-proxy';
import type { Invariant } from './invariants';

interface NamedBreaker {
  readonly about: string;
  /** What must be found. */
  readonly breaks: Invariant;
  readonly create: () => Breaker;
}

const PERCENTAGE = 'STEP_FUNCTIONS_ROLLOUT_PERCENTAGE';

interface Document {
  readonly [PERCENTAGE]: number;
  readonly generation: number;
  readonly writer: string;
}

const isWrite = ({ service, operation }: AwsRequest, body: string): boolean =>
  service === 'ssm' && operation === 'PutParameter' && body.includes(PERCENTAGE);

function rewritten(body: string, change: (document: Document) => Partial<Document> & object): string {
  const put = JSON.parse(body) as { Value: string };
  const document = JSON.parse(put.Value) as Document;
  return JSON.stringify({ ...put, Value: JSON.stringify({ ...document, ...change(document) }) });
}

const documentIn = (body: string): Document => JSON.parse((JSON.parse(body) as { Value: string }).Value) as Document;
const percentageIn = (body: string): number => documentIn(body)[PERCENTAGE];

const json = (value: object): FaultAnswer => ({
  status: 200,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: JSON.stringify(value),
});

/** Once for each rollout, which would otherwise write 0 % for ever. */
function raisingAfterZero(): Breaker {
  const done = new Set<string>();
  return {
    after: async (request, body, passOn) => {
      if (!isWrite(request, body) || percentageIn(body) > 0) return;
      const { writer, generation } = documentIn(body);
      if (done.has(writer)) return;
      done.add(writer);
      const on = { USE_STEP_FUNCTIONS: true, ENABLE_STEP_FUNCTIONS_ROLLOUT: true };
      await passOn(rewritten(body, () => ({ ...on, [PERCENTAGE]: 10, generation: generation + 1 })));
    },
  };
}

const raisingTooFar: Breaker = {
  change: (request, body) =>
    isWrite(request, body) && percentageIn(body) === 10 ? rewritten(body, () => ({ [PERCENTAGE]: 50 })) : body,
};

const hidingBreaches: Breaker = {
  answer: ({ operation }) => (operation === 'ReceiveMessage' ? json({}) : undefined),
  reply: ({ operation }, text) =>
    operation === 'DescribeAlarms'
      ? text.replaceAll(/"StateValue": ?"ALARM"/g, '"StateValue":"OK"')
      : text.replaceAll(/"status": ?"FAILED"/g, '"status":"SUCCEEDED"'),
};

export const BREAKERS: Readonly<Record<string, NamedBreaker>> = {
  ratchet: {
    about: 'after the 0 % of a rollout, 10 % is written in its name',
    breaks: 'ratchet',
    create: raisingAfterZero,
  },
  steps: {
    about: 'what is written as 10 % arrives as 50 %',
    breaks: 'steps',
    create: () => raisingTooFar,
  },
  breach: {
    about: 'alarms and failed executions are not shown, and no event arrives',
    breaks: 'breach',
    create: () => hidingBreaches,
  },
};
