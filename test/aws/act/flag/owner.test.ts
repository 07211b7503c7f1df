import { DeleteParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import type { Moved } from '../../../../rules/identity/own-plan';
import type { Owner } from '../../../../rules/rollout/owner';
import { ownerParameterOf } from '../../../../rules/rollout/owner';
import { createFlagActions } from '../../../../activities/act/flag/flags';
import type { OwnerClaim } from '../../../../activities/act/flag/owner';
import { createOwnerActions } from '../../../../activities/act/flag/owner';
import { createOwnerObservations } from '../../../../activities/observe/flag/owner';
import { readParameter } from '../../../../activities/observe/flag/flags';
import { formatFlags } from '../../../../flags/contract';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { activityEnvironment } from '../../../helpers/activity-environment';
import { awsFor } from '../../../helpers/samples/looks';
import { aPlan } from '../../../helpers/samples/plans';

const nextAccount = freshAccounts(13);
const flag = { parameter: '/pavi/prod/step-functions-rollout', salt: 'pavi-prod' };
const parameter = ownerParameterOf(flag);

/** One environment, and two Temporals that would drive it. */
function place() {
  const aws = nextAccount();
  const at = (cluster: string, namespace = 'default', running = false) => {
    const lastRollout = () => Promise.resolve({ running });
    const actions = createOwnerActions(awsFor, { cluster, lastRollout });
    const run = <A, R>(work: (asked: A) => Promise<R>, asked: A): Promise<R> =>
      activityEnvironment({ namespace }).run(work, asked);
    const claim = (firstRunId: string, workflowId = 'rollout-pavi-prod'): OwnerClaim => {
      const who = { by: 'alice', sinceMs: Date.UTC(2026, 10, 24) };
      return { aws, parameter, service: 'pavi', environment: 'prod', workflowId, firstRunId, ...who };
    };
    const freed = { aws, parameter, service: 'pavi', environment: 'prod', workflowId: 'rollout-pavi-prod' };
    return {
      claim,
      take: (firstRunId: string, workflowId?: string, over?: string) =>
        run(actions.takeOwner, { ...claim(firstRunId, workflowId), over }),
      release: (firstRunId: string) => run(actions.releaseOwner, claim(firstRunId)),
      free: () => run(actions.freeOwner, freed),
      setTraffic: createFlagActions(awsFor, cluster).setTraffic,
    };
  };
  const owner = async (): Promise<Owner | undefined> => {
    const text = await readParameter(awsFor, aws, parameter);
    return text === undefined ? undefined : (JSON.parse(text) as Owner);
  };
  const put = (Name: string, Value: string) =>
    awsFor(aws).ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite: true }));
  return { aws, at, owner, put };
}

describe('the owner of a flag', () => {
  it('is the first to come, also when its acknowledgement was lost', async () => {
    const { at, owner } = place();
    expect(await at('a').take('run-1')).toEqual({ taken: true });
    expect(await at('a').take('run-1')).toEqual({ taken: true });
    expect(await owner()).toMatchObject({
      workflowId: 'rollout-pavi-prod',
      firstRunId: 'run-1',
      temporal: { cluster: 'a', namespace: 'default' },
      by: 'alice',
    });
  });

  it('is not a rollout whose plan the worker does not trust: nothing is written', async () => {
    const { aws, at, owner } = place();
    const own = aPlan({ aws, environment: 'prod', flag: { ...aPlan().flag, ...flag } });
    const { takeOwner } = createOwnerActions(awsFor, { cluster: 'a', onlyPlans: [own] });
    const take = (moved?: Moved) =>
      activityEnvironment({ namespace: 'default' }).run(takeOwner, { ...at('a').claim('run-1'), moved });
    const other = { ...own, flag: { ...own.flag, parameter: '/pavi/dev/flag' } };
    expect(await take(other)).toMatchObject({ taken: false, why: expect.stringContaining('`flag` is not the same') });
    expect(await take()).toMatchObject({ taken: false });
    expect(await owner()).toBeUndefined();
    expect(await take(own)).toEqual({ taken: true });
  });

  it.each([
    ['another Temporal', 'b', 'default', 'rollout-pavi-prod'],
    ['another namespace', 'a', 'second', 'rollout-pavi-prod'],
    ['another workflow', 'a', 'default', 'rollout-other-prod'],
  ])('refuses %s, and says who owns it and what would free it', async (_who, cluster, namespace, workflowId) => {
    const { at, owner } = place();
    await at('a').take('run-1');
    const answer = await at(cluster, namespace).take('run-2', workflowId);
    expect(answer).toMatchObject({
      taken: false,
      why: expect.stringMatching(/run-1.*alice.*rollout flags release-owner prod/),
    });
    expect(await owner()).toMatchObject({ firstRunId: 'run-1' });
  });

  it('is taken over by a later run of the same workflow: the earlier one has ended', async () => {
    const { at, owner } = place();
    await at('a').take('run-1');
    expect(await at('a').take('run-2')).toEqual({ taken: true });
    expect(await owner()).toMatchObject({ firstRunId: 'run-2' });
  });

  it('is taken from a rollout that is gone only where the parameter is the very one that an operator saw', async () => {
    const { aws, at, owner } = place();
    await at('gone').take('lost');
    const over = await readParameter(awsFor, aws, parameter);
    expect(await at('new').take('run-2', undefined, `${over} `)).toMatchObject({ taken: false });
    expect(await owner()).toMatchObject({ firstRunId: 'lost' });
    expect(await at('new').take('run-2', undefined, over)).toEqual({ taken: true });
    expect(await at('new').take('run-2', undefined, over)).toEqual({ taken: true });
    expect(await owner()).toMatchObject({ firstRunId: 'run-2', temporal: { cluster: 'new' } });
    // Another one that saw the same, and one that comes back from the dead.
    expect(await at('newer').take('run-3', undefined, over)).toMatchObject({ taken: false });
    expect(await at('gone').take('lost')).toMatchObject({ taken: false });
    const looked = createOwnerObservations(awsFor, { cluster: 'new' });
    const text = await readParameter(awsFor, aws, parameter);
    const here = { cluster: 'new', namespace: 'test' };
    expect(await activityEnvironment().run(looked.readOwner, { aws, parameter })).toEqual({ parameter, text, here });
  });

  it('is one of many that come at once', async () => {
    const { at } = place();
    const answers = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((cluster) => at(cluster).take('run-1')));
    expect(answers.filter(({ taken }) => taken)).toHaveLength(1);
  });

  it('is free after its own end, and not after the end of another', async () => {
    const { at, owner } = place();
    await at('a').take('run-1');
    await at('b').release('run-1');
    await at('a').release('run-0');
    expect(await owner()).toBeDefined();
    await at('a').release('run-1');
    await at('a').release('run-1');
    expect(await owner()).toBeUndefined();
    expect(await at('b').take('run-9')).toEqual({ taken: true });
  });

  it('is freed by hand when it is gone, and not while it runs here', async () => {
    const { at, owner } = place();
    expect(await at('a').free()).toEqual({});
    await at('a').take('run-1');
    expect(await at('a', 'default', true).free()).toMatchObject({
      refusal: { rule: 'owner', remedy: expect.stringContaining('abort prod') },
    });
    expect(await owner()).toBeDefined();
    expect(await at('b', 'default', true).free()).toMatchObject({ owner: expect.stringContaining('run-1') });
    expect(await owner()).toBeUndefined();
  });

  it('that is unreadable refuses, and is freed by hand', async () => {
    const { at, put, owner } = place();
    await put(parameter, '"half');
    expect(await at('a').take('run-1')).toMatchObject({ taken: false, why: expect.stringContaining('cannot be read') });
    await at('a').free();
    expect(await at('a').take('run-1')).toEqual({ taken: true });
    expect(await owner()).toMatchObject({ firstRunId: 'run-1' });
  });
});

describe('a raise', () => {
  it.each<[string, (world: ReturnType<typeof place>) => Promise<unknown>]>([
    [
      'another one owns the flag',
      ({ at }) =>
        at('a')
          .free()
          .then(() => at('b').take('run-7')),
    ],
    ['nobody owns it any more', ({ aws }) => awsFor(aws).ssm.send(new DeleteParameterCommand({ Name: parameter }))],
  ])('is not written when %s, and 0 is all the same', async (_what, change) => {
    const world = place();
    const { aws, at, put } = world;
    const mine = at('a');
    const initial = {
      schema: 1,
      generation: 3,
      writer: 'hand',
      reason: '',
      salt: 'pavi-prod',
      percentage: 10,
    } as const;
    await put(flag.parameter, formatFlags(initial));
    await mine.take('run-1');
    await change(world);
    const common = { aws, flag, writer: 'rollout-pavi-prod/run-1', reason: 'test', owner: mine.claim('run-1') };
    const expected = { generation: 3, percentage: 10 };
    const raise = { ...common, percentage: 25, generation: 4, expected };
    await expect(activityEnvironment().run(mine.setTraffic, raise)).rejects.toMatchObject({
      type: 'NotOwner',
      nonRetryable: true,
    });
    const zero = { ...common, percentage: 0, generation: 9 };
    await expect(activityEnvironment().run(mine.setTraffic, zero)).resolves.toMatchObject({
      status: 'written',
      percentage: 0,
    });
  });
});
