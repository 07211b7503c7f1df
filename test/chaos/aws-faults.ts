/** What the faults of AWS look like, in the protocol of each service. Pure: the proxy (`fault-proxy.ts`) sends them. */

export const SERVICES = ['ssm', 'cloudwatch', 'cloudformation', 'states', 'sqs'] as const;
export type Service = (typeof SERVICES)[number];

/** A request to AWS, as the proxy sees it. */
export interface AwsRequest {
  /** Undefined for a service that no fault is for. */
  readonly service: Service | undefined;
  readonly operation: string;
  readonly protocol: 'json' | 'query';
}

const TARGETS: Readonly<Record<string, Service>> = {
  AmazonSSM: 'ssm',
  GraniteServiceVersion20100801: 'cloudwatch',
  AWSStepFunctions: 'states',
  AmazonSQS: 'sqs',
};

/** By X-Amz-Target; CloudFormation alone still speaks the query protocol, with the operation in the body. */
export function requestOf(headers: Readonly<Record<string, unknown>>, body: string): AwsRequest {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') {
    const [prefix = '', operation = ''] = target.split('.');
    return { service: TARGETS[prefix], operation, protocol: 'json' };
  }
  const operation = new URLSearchParams(body).get('Action') ?? '';
  const signedFor = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(String(headers['authorization']))?.[1];
  return { service: signedFor === 'cloudformation' ? 'cloudformation' : undefined, operation, protocol: 'query' };
}

export const isRead = ({ operation }: AwsRequest): boolean => /^(Get|Describe|List)/.test(operation);

/** Those that AWS answers itself. */
export type Refusal = 'throttled' | 'server-error' | 'expired-token';

export interface FaultAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Said {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export function answerOf(refusal: Refusal, request: AwsRequest): FaultAnswer {
  const said = wordsOf(refusal, request);
  return request.protocol === 'query' ? queryAnswer(said) : jsonAnswer(said, request);
}

function wordsOf(refusal: Refusal, { service, protocol }: AwsRequest): Said {
  if (refusal === 'server-error')
    return { status: 500, code: protocol === 'query' ? 'InternalFailure' : 'InternalServerError', message: 'chaos' };
  if (refusal === 'expired-token')
    return {
      status: protocol === 'query' ? 403 : 400,
      code: protocol === 'query' ? 'ExpiredToken' : 'ExpiredTokenException',
      message: 'The security token included in the request is expired',
    };
  const codes = { cloudformation: 'Throttling', sqs: 'RequestThrottled' } as const;
  const code = service === 'cloudformation' || service === 'sqs' ? codes[service] : 'ThrottlingException';
  return { status: 400, code, message: 'Rate exceeded' };
}

function jsonAnswer({ status, code, message }: Said, { service }: AwsRequest): FaultAnswer {
  const version = service === 'ssm' ? '1.1' : '1.0';
  return {
    status,
    headers: { 'content-type': `application/x-amz-json-${version}`, 'x-amzn-requestid': 'chaos' },
    body: JSON.stringify({ __type: code, message }),
  };
}

function queryAnswer({ status, code, message }: Said): FaultAnswer {
  const type = status < 500 ? 'Sender' : 'Receiver';
  const error = `<Error><Type>${type}</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
  return {
    status,
    headers: { 'content-type': 'text/xml' },
    body: `<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/">${error}<RequestId>chaos</RequestId></ErrorResponse>`,
  };
}

/** As if SQS had removed them: the messages come again. */
export function removedAnswer(body: string): FaultAnswer {
  const { Entries = [] } = JSON.parse(body) as { Entries?: readonly { Id: string }[] };
  return {
    status: 200,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: JSON.stringify({ Successful: Entries.map(({ Id }) => ({ Id })), Failed: [] }),
  };
}
