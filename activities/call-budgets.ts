import { setTimeout as sleep } from 'node:timers/promises';
import { type Budget, fullBudget, type Quotas, take, throttled } from '../rules/call-budget';
import type { AwsTarget } from '../rules/plan/environment-plan';
import { nameOf } from './failures';

type Next = (args: { input: object; request?: unknown }) => Promise<unknown>;

/** What is used of a client of the AWS SDK: each has its own types for its middleware. */
interface Stack {
  add(
    middleware: (next: never, context: { readonly commandName?: string }) => never,
    options: { readonly step: 'initialize'; readonly name: string },
  ): void;
}

/**
 * Keeps the requests of an account and region under AWS's quotas, by API, whatever profile sends them: hundreds of rollouts in one
 * account must not throttle each other, or the service. What has no quota here, as every write, waits for nothing.
 */
export class CallBudgets {
  private readonly budgets = new Map<string, Budget>();

  constructor(private readonly quotas: Quotas) {}

  /** Every request of the client waits for its turn. */
  limit(client: { readonly middlewareStack: unknown }, target: AwsTarget): void {
    const { middlewareStack } = client as { readonly middlewareStack: Stack };
    const limited = (next: Next, { commandName = '' }: { readonly commandName?: string }): Next => {
      const api = quotaOf(commandName.replace(/Command$/, ''));
      return async (args) => {
        await this.turn(api, target);
        try {
          return await next(args);
        } catch (error) {
          if (isThrottling(error)) this.refused(api, target);
          throw error;
        }
      };
    };
    middlewareStack.add(limited as never, { step: 'initialize', name: 'callBudget' });
  }

  /** @throws `TooManyRequests` when the turn would come too late for a check. */
  private async turn(api: string, target: AwsTarget): Promise<void> {
    const quota = this.quotas[api];
    if (quota === undefined) return;
    const key = keyOf(api, target);
    const nowMs = Date.now();
    const { budget, waitMs } = take(this.budgets.get(key) ?? fullBudget(quota, nowMs), quota, nowMs);
    this.budgets.set(key, budget);
    if (waitMs === 'too-long') throw tooMany(api, target, budget);
    if (waitMs > 0) await sleep(waitMs);
  }

  private refused(api: string, target: AwsTarget): void {
    const quota = this.quotas[api];
    if (quota === undefined) return;
    const key = keyOf(api, target);
    const nowMs = Date.now();
    this.budgets.set(key, throttled(this.budgets.get(key) ?? fullBudget(quota, nowMs), quota, nowMs));
  }
}

/** One quota for both. Source: "GetParameter, GetParameters, GetParametersByPath" of SSM's quotas. */
const SHARED: Readonly<Record<string, string>> = { GetParameters: 'GetParameter' };
const quotaOf = (api: string): string => SHARED[api] ?? api;

const keyOf = (api: string, { account, region }: AwsTarget): string => JSON.stringify([api, account, region]);

const isThrottling = (error: unknown): boolean => /Throttl|TooManyRequests|RequestLimitExceeded/.test(nameOf(error));

function tooMany(api: string, { account, region }: AwsTarget, { perSecond }: Budget): Error {
  const rate = `${Number(perSecond.toFixed(1))} calls of ${api} a second`;
  const remedy = `lengthen watch.interval, or have the quota raised and set ROLLOUT_AWS_QUOTAS`;
  return Object.assign(
    new Error(
      `the worker needs more than ${rate} in account ${account}, ${region}, and did not send this one: ${remedy}`,
    ),
    { name: 'TooManyRequests' },
  );
}
