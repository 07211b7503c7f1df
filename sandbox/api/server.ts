import { randomUUID } from 'node:crypto';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { FlagReader } from '../../flags';
import { type PaviSide, tupleOf } from '../../pavi/flag';
import type { ReadsBy } from '../../pavi/unsafe-tuples';
import type { ApiLog, Backend, LogLine } from './api-log';
import { deploymentStatus, type DeploymentTarget } from './deployment-status';
import { healthOf } from './health';
import type { Job, JobView } from './job-view';
import type { NextflowJobs } from './nextflow-jobs';
import { addFlagEvaluation } from './ofrep-routes';
import type { Regression } from './regression';
import { alignmentOf, type ResultName, seqInfoOf } from './results';
import { NO_BODY, parseJob } from './seq-region';
import type { StepFunctionsJobs } from './step-functions-jobs';

export interface ApiParts {
  readonly target: DeploymentTarget;
  readonly flags: FlagReader;
  readonly stepFunctions: StepFunctionsJobs;
  readonly nextflow: NextflowJobs;
  readonly regression: Regression;
  /** How a later read finds a job: by the job, or, as PAVI does, by the flags at that moment. */
  readonly readsBy: ReadsBy;
  /** Whether a header may put a job on a side, as a probe wants. */
  readonly takesProbes: boolean;
  readonly log: ApiLog;
  /** The id of this instance, if there are several. */
  readonly instance?: string;
}

type Found = Job & { readonly backend: Backend };

/** The backend of a job, in every answer about it. PAVI's own bodies do not contain it, so it is a header. */
export const BACKEND_HEADER = 'x-pavi-backend';

/** Puts one job on a side, whatever the flags are: a probe must not wait until people's jobs go there. */
const PROBE_HEADER = 'x-rollout-probe';

/** The id that decided the side of a new job: it must be the job's own. */
const ROUTED_HEADER = 'x-pavi-routed-id';

const UUID = /^[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;
const tell = (detail: unknown): { readonly detail: unknown } => ({ detail });

/** PAVI's API: its paths, shapes and status words (agr_pavi, api/src/main.py), with reads that follow the job. */
export function createServer(parts: ApiParts): FastifyInstance {
  const server = fastify({ routerOptions: { ignoreTrailingSlash: true }, forceCloseConnections: true });
  server.setErrorHandler((error: Error & { readonly statusCode?: number; readonly code?: string }, _request, reply) => {
    // FastAPI answers a body it cannot read like one that is not valid.
    if (error.code === 'FST_ERR_CTP_EMPTY_JSON_BODY') return reply.code(422).send(tell(NO_BODY));
    if ((error.statusCode ?? 500) < 500)
      return reply.code(422).send(tell([{ type: 'json_invalid', loc: ['body', 0], msg: 'JSON decode error' }]));
    return reply.code(503).send(tell(`AWS does not answer as it should: ${error.name}: ${error.message}`));
  });
  server.addHook('onResponse', (request, reply, done) => {
    parts.log.write(lineOf(request, reply));
    done();
  });
  server.setNotFoundHandler((_request, reply) => reply.code(404).send(tell('Not Found')));
  addMetadata(server, parts);
  addJobs(server, parts);
  addResults(server, parts);
  addFlagEvaluation(server, parts.flags);
  addSwitch(server, parts.regression);
  return server;
}

function lineOf(request: FastifyRequest, reply: FastifyReply): LogLine {
  const backend = reply.getHeader(BACKEND_HEADER) as Backend | undefined;
  return {
    event: 'response',
    backend,
    method: request.method,
    path: request.routeOptions.url ?? 'unknown',
    status: reply.statusCode,
    durationMs: Math.round(reply.elapsedTime * 1_000) / 1_000,
  };
}

function addMetadata(server: FastifyInstance, { flags, target, readsBy, instance }: ApiParts): void {
  server.get('/api/health', () => ({ ...healthOf(target.environment, flags.current(), readsBy), instance }));
  server.get('/api/deployment-status', () => deploymentStatus(target, usesStepFunctions(flags)));
}

function addJobs(server: FastifyInstance, parts: ApiParts): void {
  server.post('/api/pipeline-job/', async (request, reply) => {
    const parsed = parseJob(request.body);
    if (!parsed.ok) return reply.code(422).send(tell(parsed.detail));
    const uuid = randomUUID();
    await parts.flags.fresh();
    const backend = (parts.takesProbes ? askedFor(request) : undefined) ?? (parts.flags.route(uuid) as PaviSide);
    // Before the work, so that a failure is reported for the right backend too.
    reply.header(BACKEND_HEADER, backend).header(ROUTED_HEADER, uuid);
    const view: JobView =
      backend === 'nextflow'
        ? parts.nextflow.start(uuid, parsed.regions)
        : await parts.stepFunctions.start(uuid, parsed.regions, parts.regression.caseOf(parsed.regions));
    return reply.code(201).send(view);
  });
  server.get<JobPath>('/api/pipeline-job/:uuid', async (request, reply) => {
    const job = await find(parts, request.params.uuid, reply);
    return job ? reply.send(job.view) : reply;
  });
  server.get<JobPath>('/api/pipeline-job/:uuid/logs', async (request, reply) => {
    const job = await find(parts, request.params.uuid, reply);
    if (!job) return reply;
    if (job.backend === 'step-functions')
      return reply.code(501).send(tell('Logs of Step Functions jobs are in CloudWatch, not here.'));
    if (job.view.status !== 'completed' && job.view.status !== 'failed')
      return reply
        .code(400)
        .send(tell(`Logs can only be retrieved for failed or completed jobs (${job.view.uuid} is not yet)`));
    return reply.type('text/plain').send(parts.nextflow.logs(job));
  });
}

function askedFor(request: FastifyRequest): Backend | undefined {
  const asked = request.headers[PROBE_HEADER];
  return asked === 'nextflow' || asked === 'step-functions' ? asked : undefined;
}

interface JobPath {
  readonly Params: { readonly uuid: string };
}

function addResults(server: FastifyInstance, parts: ApiParts): void {
  const add = (name: ResultName, type: string, make: (job: Job) => string): void => {
    server.get<JobPath>(`/api/pipeline-job/:uuid/result/${name}`, async (request, reply) => {
      const job = await find(parts, request.params.uuid, reply);
      if (!job) return reply;
      const completed = job.view.status === 'completed';
      if (job.backend === 'nextflow')
        return completed ? reply.type(type).send(make(job)) : reply.code(404).send(tell('File not found.'));
      if (!completed) return reply.code(400).send(tell(`No result: the job is ${job.view.status}.`));
      const text = await parts.stepFunctions.result(job, name);
      return text === undefined ? reply.code(404).send(tell('Result file not found.')) : reply.type(type).send(text);
    });
  };
  add('alignment', 'text/plain', ({ regions }) => alignmentOf(regions));
  add('seq-info', 'application/json', ({ regions }) => JSON.stringify(seqInfoOf(regions)));
}

/**
 * By the job, not by the flags: asks each backend whether it has the job. By the switch, only the backend that it selects.
 * Sends the 404 or 422 itself.
 */
async function find(parts: ApiParts, uuid: string, reply: FastifyReply): Promise<Found | undefined> {
  if (!UUID.test(uuid)) {
    reply.code(422).send(tell([{ type: 'uuid_parsing', loc: ['path', 'uuid'], msg: 'Input should be a valid UUID' }]));
    return undefined;
  }
  const only = parts.readsBy === 'job' ? undefined : switchedTo(parts.flags);
  const onNextflow = only === 'step-functions' ? undefined : parts.nextflow.get(uuid);
  const backend = onNextflow ? 'nextflow' : 'step-functions';
  reply.header(BACKEND_HEADER, backend);
  const job = onNextflow ?? (only === 'nextflow' ? undefined : await parts.stepFunctions.get(uuid));
  if (!job) {
    reply.removeHeader(BACKEND_HEADER);
    reply.code(404).send(tell('Job not found.'));
    return undefined;
  }
  return { ...job, backend };
}

/** PAVI's own defect (agr_pavi, api/src/main.py): one module constant decides where every job is looked for. */
const switchedTo = (flags: FlagReader): Backend => (usesStepFunctions(flags) ? 'step-functions' : 'nextflow');

function usesStepFunctions(flags: FlagReader): boolean {
  const { document } = flags.current();
  return document !== undefined && tupleOf(document).USE_STEP_FUNCTIONS;
}

/** Not PAVI's: the sandbox's own switch. */
function addSwitch(server: FastifyInstance, regression: Regression): void {
  server.get('/sandbox/regression', () => ({ on: regression.on }));
  server.post<{ readonly Body: { readonly on?: unknown } | null }>('/sandbox/regression', (request, reply) => {
    const on = request.body?.on;
    if (typeof on !== 'boolean') return reply.code(422).send(tell('Send {"on": true} or {"on": false}.'));
    regression.on = on;
    return reply.send({ on });
  });
}
