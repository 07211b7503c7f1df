import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProbe } from '../../../activities/act/jobs/probe';
import {
  createVerifyJobs,
  type FoundJob,
  type NotSubmitted,
  type SubmittedJob,
} from '../../../activities/act/jobs/verify-jobs';
import { createAwsFor } from '../../../activities/aws';
import { createChecks } from '../../../activities/observe/checks/run-check';
import { checkOf, type CheckResult } from '../../../rules/checks/check';
import type { JobsApi } from '../../../rules/jobs/jobs-api';
import type { Verification } from '../../../rules/plan/environment-plan';
import type { Probed } from '../../../rules/rollout/state/gates';
import { activityEnvironment } from '../../helpers/activity-environment';
import { aPlan } from '../../helpers/samples/plans';

/** A service of another team: orders, by `id`, with one result and a header of its own; nothing of it is in this repository. */
class Orders {
  /** Where an order goes without the header of the probe. */
  side = 'Checkout V1';
  /** Whether it puts an order where the header asks for it. */
  takesProbes = true;
  /** Whether it finds an order of the new side again. */
  findsNew = true;
  total = 42;
  private readonly orders = new Map<string, { readonly side: string; readonly fails: boolean }>();
  private readonly server: Server = createServer((request, response) => void this.answer(request, response));

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }
  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const say = (status: number, value: object, side?: string): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...(side && { 'x-side': side }) });
      response.end(JSON.stringify(value));
    };
    const [, root, id = '', below] = (request.url ?? '').split('/');
    if (root === 'api') return say(200, { status: 'up', environment: 'prod', execution_mode: this.side });
    if (root !== 'orders') return say(404, {});
    if (request.method === 'POST') return this.take(JSON.parse(body) as object, request, say);
    const order = this.orders.get(id);
    if (order === undefined || (!this.findsNew && order.side.endsWith('v2'))) return say(404, {});
    if (below === 'receipt') return say(200, { total: this.total, currency: 'EUR' });
    say(
      200,
      { id, status: order.fails ? 'failed' : 'completed', error: order.fails ? 'no stock' : undefined },
      order.side,
    );
  }

  private take(
    order: object,
    request: IncomingMessage,
    say: (status: number, value: object, side?: string) => void,
  ): void {
    if (!('item' in order)) return say(422, { detail: 'item is missing' });
    const asked = request.headers['x-rollout-probe'];
    const side = this.takesProbes && typeof asked === 'string' ? asked : this.side;
    const id = `order-${this.orders.size + 1}`;
    this.orders.set(id, { side, fails: order.item === 'nothing' });
    say(202, { id, status: 'pending' }, side);
  }
}

let folder: string;
let service: Orders;
let verification: Verification;
const sides = { new: 'Checkout V2', old: 'Checkout V1' };
const jobs: JobsApi = {
  ...{ path: '/orders', results: { receipt: 'receipt' }, sideHeader: 'x-side' },
  sides: { new: 'checkout-v2', old: 'checkout-v1' },
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'orders-'));
  const file = (name: string, value: object): string => {
    writeFileSync(join(folder, name), JSON.stringify(value, undefined, 2));
    return join(folder, name);
  };
  service = new Orders();
  verification = {
    ...{ monitorMs: 0, jobs, apiUrl: await service.start(), probeJobs: 2, limits: { answersMs: 500, jobsMs: 5_000 } },
    testJob: file('order.json', { item: 'book' }),
    badJob: file('bad.json', {}),
    failingJob: { job: file('failing.json', { item: 'nothing' }), says: 'no stock' },
    golden: { receipt: file('receipt.json', { currency: 'EUR', total: 42 }) },
  };
});
afterEach(() => {
  service.stop();
  rmSync(folder, { recursive: true });
});

describe('jobs of a service that only its plan describes', () => {
  const probed = (): Promise<Probed> =>
    activityEnvironment().run(createProbe().probeReads, { verification, percentage: 10 });

  it('are probed on both sides, by the names of the plan', async () => {
    expect(await probed()).toMatchObject({
      verdict: 'reads-by-job',
      why: expect.stringMatching(/^2 probe jobs on both sides completed, .* each with the golden results/),
    });
  });

  it('refuse a rollout when the API ignores the header, loses a job or serves another result', async () => {
    service.takesProbes = false;
    expect(await probed()).toMatchObject({
      verdict: 'refused',
      why: expect.stringMatching(/^a probe job for checkout-v2 went to checkout-v1: .* depend on it; with reads/),
    });
    Object.assign(service, { takesProbes: true, total: 41 });
    expect(await probed()).toMatchObject({
      verdict: 'refused',
      why: expect.stringMatching(/job order-\d+ on checkout-v2: its results differ .*receipt: golden/),
    });
    Object.assign(service, { findsNew: false, total: 42 });
    expect(await probed()).toMatchObject({
      verdict: 'refused',
      why: expect.stringMatching(/1 of 2 probe jobs lost: job/),
    });
  });

  const verified = async (job: string, expects: 'golden-results' | 'failure', percentage = 0): Promise<FoundJob> => {
    const { submitVerificationJob, followVerificationJob } = createVerifyJobs(createAwsFor());
    const order = { verification, job };
    const submitted: SubmittedJob | NotSubmitted = await activityEnvironment().run(submitVerificationJob, order);
    if ('refused' in submitted) throw new Error(submitted.refused);
    const { uuid } = submitted;
    const plan = { aws: aPlan().aws, verification };
    return activityEnvironment().run(followVerificationJob, { plan, uuid, expects, percentage });
  };

  it('are verified: a golden result, the side of the flag, a failure with its reason, refused input', async () => {
    const { testJob = '', failingJob, badJob = '' } = verification;
    expect(await verified(testJob, 'golden-results')).toMatchObject({ ok: true, backend: 'checkout-v1' });
    expect(await verified(testJob, 'golden-results', 100)).toMatchObject({
      ok: false,
      why: expect.stringContaining('at 100 % it must run on checkout-v2, but it ran on checkout-v1'),
    });
    expect(await verified(failingJob?.job ?? '', 'failure')).toMatchObject({ ok: true });
    const { refuseBadInput } = createVerifyJobs(createAwsFor());
    expect(await activityEnvironment().run(refuseBadInput, { verification, job: badJob })).toMatchObject({ ok: true });
  });

  it('complete on the old side, and are not submitted while the API is on the new one', async () => {
    const plan = aPlan({ verification, flag: { ...aPlan().flag, sides } });
    const asked = (kind: 'jobs-on-old-side' | 'instances-on-old-side'): Promise<CheckResult> => {
      const { runCheck } = createChecks(createAwsFor());
      return activityEnvironment().run(runCheck, { plan, check: checkOf('step', { kind }), sinceMs: 0 });
    };
    for (const kind of ['jobs-on-old-side', 'instances-on-old-side'] as const)
      expect(await asked(kind)).toMatchObject({ outcome: 'yes' });
    service.side = 'Checkout V2';
    for (const kind of ['jobs-on-old-side', 'instances-on-old-side'] as const)
      expect(await asked(kind)).toMatchObject({ outcome: 'no' });
  });

  it('are unknown to a worker that does not know their kind, which says what to do', async () => {
    verification = { ...verification, jobs: { ...jobs, kind: 'orders' } };
    expect(await probed()).toMatchObject({
      verdict: 'not-known',
      why: expect.stringMatching(/does not know the kind of jobs orders: start the program that registers it/),
    });
  });
});
