import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { S3Client } from '@aws-sdk/client-s3';
import { pipelineNames } from '../../infra/pavi/names';
import { Regression } from '../api/regression';
import { putResults } from '../api/results';
import { parseJob, type SeqRegion } from '../api/seq-region';

/**
 * What the Batch containers would do for an execution that is started directly. The emulator has no containers and answers
 * by a case named at the start of an execution; only the sample API knows cases. So the worker's requests to Step Functions
 * pass through here: a start without a case gets the one that its input leads to, and for success the two result files are
 * put where the containers put them. Everything else passes unchanged.
 */
export interface Containers {
  /** For AWS_ENDPOINT_URL_SFN. */
  readonly url: string;
  /** The fault of one environment, shared with its API. */
  readonly regressionOf: (environment: string) => Regression;
  readonly close: () => Promise<void>;
}

interface Start {
  readonly stateMachineArn: string;
  readonly name?: string;
  readonly input?: string;
}

const START = 'AWSStepFunctions.StartExecution';
const MACHINE = /^arn:aws:states:([\w-]+):(\d{12}):stateMachine:(.+)$/;

/**
 * @param endpoint of the emulator, such as `http://127.0.0.1:4566`.
 * @param bucketOf where the pipeline of an environment writes; default: by its name.
 */
export async function startContainers(
  endpoint: string,
  bucketOf = (environment: string): string => pipelineNames(environment).bucket,
): Promise<Containers> {
  const regressions = new Map<string, Regression>();
  const regressionOf = (environment: string): Regression => {
    const regression = regressions.get(environment) ?? new Regression();
    regressions.set(environment, regression);
    return regression;
  };
  const server = createServer((request, response) => {
    void pass({ endpoint, bucketOf, regressionOf }, request, response).catch((error: unknown) => {
      response.writeHead(502, { 'content-type': 'text/plain' }).end(String(error));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, regressionOf, close: () => closed(server) };
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((done) => server.close(() => done()));
}

interface Place extends Pick<Containers, 'regressionOf'> {
  readonly endpoint: string;
  readonly bucketOf: (environment: string) => string;
}

async function pass(place: Place, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await textOf(request);
  const started = request.headers['x-amz-target'] === START ? withCase(body, place) : undefined;
  // Before the start: a reader that sees the success must find the results.
  if (started?.results !== undefined) await put(place.endpoint, started.results);
  const { host: _host, 'content-length': _length, connection: _connection, ...headers } = request.headers;
  const answer = await fetch(place.endpoint + (request.url ?? '/'), {
    method: request.method ?? 'POST',
    headers: headers as Record<string, string>,
    body: started?.body ?? body,
  });
  const type = answer.headers.get('content-type') ?? 'application/x-amz-json-1.0';
  response.writeHead(answer.status, { 'content-type': type }).end(await answer.text());
}

interface Results {
  readonly account: string;
  readonly region: string;
  readonly bucket: string;
  readonly execution: string;
  readonly regions: readonly SeqRegion[];
}

/** Undefined for a start outside the pipeline, or with its own case. */
function withCase(
  body: string,
  { regressionOf, bucketOf }: Place,
): { readonly body: string; readonly results?: Results } | undefined {
  const start = JSON.parse(body) as Start;
  const [, region = '', account = '', machine = ''] = MACHINE.exec(start.stateMachineArn) ?? [];
  const environment = /^pavi-pipeline-sfn-([a-z0-9-]+)$/.exec(machine)?.[1];
  const job = parseJob((JSON.parse(start.input ?? '{}') as { readonly seq_regions?: unknown }).seq_regions);
  if (environment === undefined || !job.ok) return undefined;
  const mockCase = regressionOf(environment).caseOf(job.regions);
  const named = JSON.stringify({ ...start, stateMachineArn: `${start.stateMachineArn}#${mockCase}` });
  if (mockCase !== 'succeeds' || start.name === undefined) return { body: named };
  const bucket = bucketOf(environment);
  return { body: named, results: { account, region, bucket, execution: start.name, regions: job.regions } };
}

async function put(endpoint: string, { account, region, bucket, ...results }: Results): Promise<void> {
  const credentials = { accessKeyId: account, secretAccessKey: 'sandbox' };
  const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  try {
    await putResults(s3, bucket, results);
  } finally {
    s3.destroy();
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
