import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { createChecks } from '../../../activities/observe/checks/run-check';
import { createAwsFor } from '../../../activities/aws';
import { checkOf, type HttpQuestion } from '../../../rules/checks/check';
import { abortSignal, tickUpdate } from '../../../workflows/messages';
import type { FakeAws } from '../../helpers/aws/fake-aws';
import { aPlan, FAILED_ALARM, HOUR_MS } from '../../helpers/samples/plans';
import { Rig, statusOf } from '../../helpers/temporal/rig';

interface Asked {
  readonly key: string | undefined;
  readonly body: { readonly moment?: string; readonly percentage?: number };
}

/** A receiver as other teams write one: it opens what it wants to. */
const asked: Asked[] = [];
let answer: (response: ServerResponse, moment: string | undefined) => void;
const server = createServer((request, response) => {
  void json(request).then((body) => {
    const said = body as Asked['body'];
    asked.push({ key: request.headers['idempotency-key']?.toString(), body: said });
    answer(response, said.moment);
  });
});
const opens = (response: ServerResponse): void => void response.writeHead(200).end('{}');

let rig: Rig;
let aws: FakeAws;
/** A real server: a receiver may answer before the watch beside it begins, and the time-skipping one refuses to cancel that. */
beforeAll(async () => {
  rig = await Rig.startReal();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  await rig.stop();
});
beforeEach(() => {
  aws = rig.aws();
  asked.length = 0;
  answer = opens;
});
const activities = () => ({ ...aws.activities(), runCheck: createChecks(createAwsFor()).runCheck });

function plan(moments: readonly string[]) {
  const { port } = server.address() as AddressInfo;
  const question: HttpQuestion = {
    ...{ kind: 'http', url: `http://127.0.0.1:${port}/gate`, method: 'POST' },
    ...{ headers: {}, answerHeaders: {}, json: [] },
  };
  return aPlan({
    steps: [50, 100].map((percentage) => ({ percentage, soakMs: 500 })),
    watch: { ...aPlan().watch, intervalMs: 200 },
    checks: [checkOf('gate', question, 600)],
    hooks: Object.fromEntries(moments.map((moment) => [moment, ['gate']])),
  });
}
const ALL = ['confirm-rollout', 'pre-rollout', 'rollout', 'confirm-traffic-increase', 'confirm-promotion'];

it('asks a receiver once at each moment, with a key of its own and what it is about', () =>
  rig.runWith(activities(), async () => {
    const handle = await rig.rollout(plan(ALL));
    await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed', percentages: [50, 100] });
    expect(asked.map(({ body }) => [body.moment, body.percentage])).toEqual([
      ['confirm-rollout', 50],
      ['pre-rollout', 50],
      ['confirm-traffic-increase', 50],
      ['rollout', 50],
      ['confirm-traffic-increase', 100],
      ['confirm-promotion', 100],
      ['rollout', 100],
    ]);
    expect(new Set(asked.map(({ key }) => key)).size).toBe(7);
    expect(asked[0]?.key).toMatch(/^rollout-pavi-prod-\d+\/[0-9a-f-]{36}\/confirm-rollout\/50\/gate$/);
    expect(asked[0]?.body).toEqual({
      ...{ moment: 'confirm-rollout', percentage: 50, key: asked[0]?.key },
      ...{ service: 'pavi', environment: 'prod' },
    });
  }));

it('holds while the receiver refuses or does not answer, with the same key each time, and goes on when it opens', () =>
  rig.runWith(activities(), async () => {
    const refusals = [409, 503, undefined];
    answer = (response, moment) => {
      if (moment !== 'confirm-promotion') return opens(response);
      const refused = asked.filter(({ body }) => body.moment === moment).length <= refusals.length;
      const status = refusals[asked.filter(({ body }) => body.moment === moment).length - 1];
      if (!refused) return opens(response);
      // Without a status it never answers.
      if (status !== undefined) response.writeHead(status).end();
    };
    const handle = await rig.rollout(plan(ALL));
    await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed', percentages: [50, 100] });
    const promotions = asked.filter(({ body }) => body.moment === 'confirm-promotion');
    expect(promotions).toHaveLength(4);
    expect(new Set(promotions.map(({ key }) => key)).size).toBe(1);
    const { log } = await statusOf(handle);
    expect(log.map(({ what }) => what)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^confirm-promotion \(gate\) at 100 %: no: POST .* answered 409 and not 200 to 299$/),
        expect.stringMatching(/^confirm-promotion \(gate\) at 100 %: yes: /),
      ]),
    );
  }));

it('says what it waits for and how to leave, and a named person leaves with a reason', () =>
  rig.runWith(activities(), async () => {
    answer = (response) => void response.writeHead(503).end();
    const handle = await rig.rollout(plan(['pre-rollout']));
    const wait = async () => (await statusOf(handle)).wait;
    while (!(await wait())?.verbs.includes('checklist --tick gate')) await rig.env.sleep(50);
    expect(await wait()).toMatchObject({
      why: expect.stringMatching(/^waits for pre-rollout \(gate\): POST .* answered 503 and not 200 to 299$/),
      sinceMs: expect.any(Number),
      deadline: { then: 'continue' },
    });
    expect(aws.flag.percentage).toBe(0);
    await handle.executeUpdate(tickUpdate, { args: [{ by: 'bob', item: 'gate', reason: 'agreed by phone' }] });
    await expect(handle.result()).resolves.toMatchObject({ outcome: 'completed' });
  }));

it('a breach puts traffic to 0 while a receiver hangs', () =>
  rig.runWith(activities(), async () => {
    let hung = 0;
    answer = (response, moment) => {
      if (moment === 'rollout') hung += 1;
      else opens(response);
    };
    const slow = plan(['rollout']);
    const handle = await rig.rollout({
      ...slow,
      checks: slow.checks?.map((check) => ({ ...check, withinMs: HOUR_MS })),
    });
    while (hung === 0) await new Promise((done) => setTimeout(done, 20));
    await handle.signal('alarm-changed', {
      ...{ alarm: FAILED_ALARM, state: 'ALARM', reason: 'x' },
      atMs: Date.now(),
    });
    await expect(handle.result()).resolves.toMatchObject({ outcome: 'rolled-back', percentages: [50, 0] });
  }));

it('an abort ends a rollout whose first hook hangs', () =>
  rig.runWith(activities(), async () => {
    answer = () => undefined;
    const handle = await rig.rollout(plan(['confirm-rollout']));
    while (asked.length === 0) await new Promise((done) => setTimeout(done, 20));
    await handle.signal(abortSignal, { by: 'bob', reason: 'enough' });
    await expect(handle.result()).resolves.toMatchObject({ outcome: 'aborted' });
  }));
