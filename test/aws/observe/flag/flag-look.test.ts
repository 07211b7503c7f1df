import {
  DeleteParameterCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  PutParameterCommand,
} from '@aws-sdk/client-ssm';
import { createAwsFor } from '../../../../activities/aws';
import { createWatch, type WatchResult, type WatchOrder } from '../../../../activities/observe/watch';
import { formatFlags } from '../../../../flags/contract';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { activityEnvironment } from '../../../helpers/activity-environment';

const nextAccount = freshAccounts(8);
const parameter = '/pavi/prod/step-functions-rollout';
const flag = { parameter, salt: 'pavi-prod' };

/** No alarm is watched: only the flag can be news. */
const QUIET = '["healthy",null,null,null,[],[]]';

function place() {
  const aws = nextAccount();
  const awsFor = createAwsFor();
  const { ssm } = awsFor(aws);
  const { watchAlarms } = createWatch(awsFor);
  const order = (known: NonNullable<WatchOrder['flag']>['known']): WatchOrder => ({
    aws,
    alarms: [],
    guards: [],
    percentage: 50,
    sinceMs: Date.now(),
    holdsSinceMs: Date.now(),
    intervalMs: 60_000,
    known: QUIET,
    flag: { flag, known },
  });
  return {
    ssm,
    put: (text: string) =>
      ssm.send(new PutParameterCommand({ Name: parameter, Value: text, Type: 'String', Overwrite: true })),
    look: (...known: NonNullable<WatchOrder['flag']>['known']): Promise<WatchResult> =>
      activityEnvironment().run(watchAlarms, order(known)),
  };
}

const document = (percentage: number, generation: number): string =>
  formatFlags({ schema: 1, generation, writer: 'rollout', reason: '', salt: 'pavi-prod', percentage });
const nothingNew = { type: 'NothingNew' };

describe('the flag in a check', () => {
  it('is no news while it is as it was written', async () => {
    const { put, look } = place();
    await put(document(50, 4));
    const standing = { found: true, percentage: 50, generation: 4, version: 1 } as const;
    await expect(look(standing)).rejects.toMatchObject(nothingNew);
  });

  it('is reported with writer and time, also when only the percentage was edited', async () => {
    const { put, look } = place();
    const known = { found: true, percentage: 50, generation: 4, version: 1 } as const;
    await put(document(50, 4));
    await put(document(60, 4));
    const { outcome, flag: seen } = await look(known);
    expect(outcome).toBe('healthy');
    expect(seen).toMatchObject({ found: true, percentage: 60, version: 2, by: expect.stringMatching(/^arn:aws:/) });
    expect(Math.abs((seen?.atMs ?? 0) - Date.now())).toBeLessThan(10_000);
  });

  it('is reported when it is unreadable, and when it is gone', async () => {
    const { put, look, ssm } = place();
    const known = { found: true, percentage: 50, generation: 4, version: 1 } as const;
    await put(document(50, 4));
    await put('{"half":');
    expect((await look(known)).flag).toMatchObject({
      found: false,
      version: 2,
      why: expect.stringContaining('not JSON'),
    });
    await ssm.send(new DeleteParameterCommand({ Name: parameter }));
    expect((await look(known)).flag).toMatchObject({ found: false, missing: true });
  });

  it('is reported also when AWS does not let the worker read the writer', async () => {
    const { put, look, ssm } = place();
    await put(document(60, 5));
    failing(ssm, GetParameterHistoryCommand.name);
    const { flag: seen } = await look({ found: true, percentage: 50, generation: 4, version: 0 });
    expect(seen).toMatchObject({ found: true, percentage: 60, atMs: expect.any(Number) });
    expect(seen?.by).toBeUndefined();
  });

  it('is no news when a read gives an older value than the newest', async () => {
    const { put, look, ssm } = place();
    await put(document(25, 3));
    const { Parameter: old } = await ssm.send(new GetParameterCommand({ Name: parameter }));
    await put(document(50, 4));
    staleBy(ssm, old);
    const known = { found: true, percentage: 50, generation: 4 } as const;
    await expect(look({ ...known, version: 2 })).rejects.toMatchObject(nothingNew);
    // Also while a raise is open, whose version nobody knows yet.
    await expect(look(known)).rejects.toMatchObject(nothingNew);
    await put(document(60, 4));
    expect((await look({ ...known, version: 2 })).flag).toMatchObject({ percentage: 60, version: 3 });
    failing(ssm, GetParameterHistoryCommand.name);
    await expect(look({ ...known, version: 2 })).rejects.toMatchObject(nothingNew);
  });

  it('is reported when the parameter was made again', async () => {
    const { put, look, ssm } = place();
    await put(document(25, 3));
    await put(document(50, 4));
    await ssm.send(new DeleteParameterCommand({ Name: parameter }));
    await put(document(25, 3));
    const { flag: seen } = await look({ found: true, percentage: 50, generation: 4, version: 2 });
    expect(seen).toMatchObject({ percentage: 25, version: 1 });
  });

  it('is neither news nor bad health when it cannot be read', async () => {
    const { put, look, ssm } = place();
    await put(document(60, 5));
    failing(ssm, GetParameterCommand.name);
    await expect(look({ found: true, percentage: 50, generation: 4, version: 0 })).rejects.toMatchObject(nothingNew);
  });
});

/** No emulator answers with an older value. */
function staleBy(client: ReturnType<typeof place>['ssm'], Parameter: object | undefined): void {
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) =>
        commandName === GetParameterCommand.name ? { output: { Parameter } as never, response: {} } : next(args),
    { step: 'initialize' },
  );
}

/** No emulator refuses by IAM. */
function failing(client: ReturnType<typeof place>['ssm'], command: string): void {
  client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        if (commandName === command) throw Object.assign(new Error('not allowed'), { name: 'AccessDeniedException' });
        return next(args);
      },
    { step: 'initialize' },
  );
}
