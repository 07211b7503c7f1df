import { setTimeout as sleep } from 'node:timers/promises';
import type { UpdateDefinition } from '@temporalio/common';
import { planHash } from '../rules/plan/plan-hash';
import type { RolloutStatus } from '../rules/rollout/status/status';
import {
  type Answer,
  type Command,
  approveUpdate,
  extendUpdate,
  promoteUpdate,
  rejectUpdate,
  type ResumeCommand,
  type RolloutResult,
  rolloutWorkflowId,
  skipUpdate,
} from '../workflows/messages';
import { actor, commandOf, commandOfZero } from './input/actor';
import { effectOf, obeyed, sent } from './rollout/control';
import { nothingRuns } from './rollout/nothing-running';
import { startRollout as start, unlessRefused } from './rollout/start';
import { asked } from './rollout/steer';
import { Target } from './target';
import { findRollout as find, type RolloutView } from './temporal/find-rollout';
import { CliError } from './terminal/cli-error';

/** Where a rollout is, and the actor. Everything may be left out. */
export interface RolloutOptions {
  /** Plan file; default: `rollout.yaml` in the current folder or the nearest one above. */
  readonly plan?: string;
  /** The sandbox of this machine instead of the Temporal that the environment variables name. */
  readonly sandbox?: boolean;
  /** Profile of the Temporal configuration file. */
  readonly profile?: string;
  /** The actor, for the record; default: `ROLLOUT_ACTOR`, else the user name of this machine. */
  readonly by?: string;
}

export interface StartOptions extends RolloutOptions {
  /** Why, for the log. */
  readonly reason?: string;
}

export interface FollowOptions {
  /** Time between two looks in ms; default: 1000. */
  readonly everyMs?: number;
  /** Ends the following, never the rollout. */
  readonly signal?: AbortSignal;
}

/** Why something is done, for the log, and the actor if it is another one than that of the rollout. */
export interface Because {
  readonly by?: string;
  readonly reason?: string;
}

/**
 * One rollout, open until `close`. Every method throws a `RolloutError`: `exitCode` 1 when Temporal or the rollout did not
 * answer, 2 for wrong usage or a wrong plan, 3 when a rule refused. `facts` has what is known of it: `rule`, `why` and `remedy`
 * of a refused step, else the `status`.
 */
export interface Rollout {
  readonly service: string;
  readonly environment: string;
  readonly workflowId: string;
  /** As it is now. Without a worker it holds what Temporal knows, with the phase `not-known`. */
  status(): Promise<RolloutStatus>;
  /** Its status now and after every change, until it has ended. Waits for a Temporal that is away. */
  follow(options?: FollowOptions): AsyncGenerator<RolloutStatus, void, undefined>;
  /** Waits until it has ended, for days if need be. A rollback is a result and no error. */
  result(): Promise<RolloutResult>;
  /** Puts the percentage to 0 and waits until the rollout confirms it, for at most 15 s. */
  abort(because?: Because): Promise<RolloutStatus>;
  /** Stops all raises until `resume`. */
  pause(because?: Because): Promise<RolloutStatus>;
  /** Continues after a pause or a hold. `flag` says what to do with a change of the flag from outside. */
  resume(because?: Because & Pick<ResumeCommand, 'flag'>): Promise<RolloutStatus>;
  /** Approves the next raise under the plan file as it is now; `percentage` names the raise. */
  approve(because?: Because & { readonly percentage?: number }): Promise<Answer>;
  /** Rejects the next raise: the rollout holds at its percentage and writes nothing. */
  reject(because?: Because): Promise<Answer>;
  /** Ends the soak, with `full` every remaining one. `override` ignores windows and freezes once, and needs a reason. */
  promote(because?: Because & { readonly full?: boolean; readonly override?: boolean }): Promise<Answer>;
  /** Leaves out the next step, which must be named. */
  skip(because: Because & { readonly percentage: number }): Promise<Answer>;
  /** Holds the present percentage at least until then, in ms since 1970. */
  extend(because: Because & { readonly untilMs: number }): Promise<Answer>;
  /** Closes the connection to Temporal. The rollout continues. */
  close(): Promise<void>;
}

/**
 * Starts the rollout of an environment by its plan, as `start-rollout` does. Resolves when the rollout has passed its first
 * check, or after 3 s without an answer of a worker: Temporal keeps it until a worker runs.
 * @throws RolloutError with `exitCode` 2 for a wrong plan, 3 when one runs already or a rule refuses it, 1 when Temporal
 * does not answer.
 */
export async function startRollout(environment: string, options: StartOptions = {}): Promise<Rollout> {
  const target = targetOf(environment, options);
  return opened(target, async () => {
    const { plan } = target.planned();
    const runId = await start(target, { plan, startedBy: actor(options.by), reason: options.reason });
    await unlessRefused(await target.temporal(), rolloutWorkflowId(plan.service, plan.environment));
    return new OpenRollout(target, options, { service: plan.service, environment, runId });
  });
}

/**
 * The newest rollout of an environment, running or ended; undefined when there never was one.
 * @throws RolloutError as `startRollout` does.
 */
export async function findRollout(environment: string, options: RolloutOptions = {}): Promise<Rollout | undefined> {
  const target = targetOf(environment, options);
  return opened(target, async () => {
    const seen = await target.rollout();
    if (seen !== undefined)
      return new OpenRollout(target, options, { service: target.service, environment, runId: seen.runId });
    await target.close();
    return undefined;
  });
}

/** Standard output belongs to the program that calls: remarks go to standard error. */
const targetOf = (environment: string, options: RolloutOptions): Target =>
  new Target(environment, { ...options, json: true });

/** Closes the connection when there is no rollout to close it. */
async function opened<T>(target: Target, open: () => Promise<T>): Promise<T> {
  try {
    return await target.explaining(open);
  } catch (error) {
    await target.close();
    throw error;
  }
}

const EVERY_MS = 1_000;

class OpenRollout implements Rollout {
  readonly service: string;
  readonly environment: string;
  readonly workflowId: string;

  constructor(
    private readonly target: Target,
    private readonly options: RolloutOptions,
    private readonly run: { readonly service: string; readonly environment: string; readonly runId: string },
  ) {
    this.service = run.service;
    this.environment = run.environment;
    this.workflowId = rolloutWorkflowId(run.service, run.environment);
  }

  async status(): Promise<RolloutStatus> {
    return (await this.seen()).status;
  }

  async *follow({ everyMs = EVERY_MS, signal }: FollowOptions = {}): AsyncGenerator<RolloutStatus, void, undefined> {
    let last: string | undefined;
    while (signal?.aborted !== true) {
      const seen = await this.seenIfReachable();
      const text = JSON.stringify(seen?.status);
      if (seen !== undefined && text !== last) yield seen.status;
      if (seen?.running === false) return;
      last = text ?? last;
      await sleep(everyMs, undefined, { signal }).catch(() => undefined);
    }
  }

  result(): Promise<RolloutResult> {
    return this.target.explaining(async () => {
      const { client } = await this.target.temporal();
      return (await client.workflow.getHandle(this.workflowId, this.run.runId).result()) as RolloutResult;
    });
  }

  abort(because: Because = {}): Promise<RolloutStatus> {
    return this.target.explaining(async () => {
      const target = this.target.again();
      const { service, environment, workflowId } = this;
      const which = { service, environment, workflowId };
      // It waits for nothing before.
      if (!(await sent(await target.temporal(), 'abort', which, commandOfZero(this.by(because)))))
        throw nothingRuns('abort', which, await target.rollout());
      return statusAfter(await effectOf(target, 'abort', which));
    });
  }

  pause(because: Because = {}): Promise<RolloutStatus> {
    return this.obeyed('pause', commandOfZero(this.by(because)));
  }

  resume({ flag, ...because }: Because & Pick<ResumeCommand, 'flag'> = {}): Promise<RolloutStatus> {
    return this.obeyed('resume', { ...commandOfZero(this.by(because)), flag });
  }

  approve({ percentage, ...because }: Because & { readonly percentage?: number } = {}): Promise<Answer> {
    const command = commandOf(this.by(because));
    return this.ask(approveUpdate, ({ status }, target) => ({
      ...command,
      percentage: percentage ?? status.next,
      planHash: planHash(target.planned().plan),
    }));
  }

  reject(because: Because = {}): Promise<Answer> {
    return this.ask(rejectUpdate, () => commandOf(this.by(because)));
  }

  promote({ full, override, ...because }: Parameters<Rollout['promote']>[0] = {}): Promise<Answer> {
    return this.ask(promoteUpdate, () => ({ ...commandOf(this.by(because)), full, override }));
  }

  skip({ percentage, ...because }: Parameters<Rollout['skip']>[0]): Promise<Answer> {
    return this.ask(skipUpdate, () => ({ ...commandOf(this.by(because)), percentage }));
  }

  extend({ untilMs, ...because }: Parameters<Rollout['extend']>[0]): Promise<Answer> {
    return this.ask(extendUpdate, () => ({ ...commandOf(this.by(because)), untilMs }));
  }

  close(): Promise<void> {
    return this.target.close();
  }

  private by(because: Because): Because {
    return { ...because, by: because.by ?? this.options.by };
  }

  private seen(): Promise<RolloutView> {
    return this.target.explaining(async () => {
      const seen = await find(await this.target.temporal(), this.workflowId);
      if (seen === undefined) throw new CliError(1, `Temporal no longer knows the workflow ${this.workflowId}.`);
      return seen;
    });
  }

  private seenIfReachable(): Promise<RolloutView | undefined> {
    return this.seen().catch((error: unknown) => {
      if (error instanceof CliError && error.facts['unreachable'] !== undefined) return undefined;
      throw error;
    });
  }

  private obeyed(verb: 'pause' | 'resume', command: ResumeCommand): Promise<RolloutStatus> {
    return this.target.explaining(async () => statusAfter(await obeyed(verb, this.target.again(), command)));
  }

  private ask<C extends Command>(
    update: UpdateDefinition<Answer, [C?]>,
    command: (before: RolloutView, target: Target) => C,
  ): Promise<Answer> {
    return this.target.explaining(async () => {
      const target = this.target.again();
      return (await asked(target, update, (before) => command(before, target))).answer;
    });
  }
}

function statusAfter({ after, what }: Awaited<ReturnType<typeof effectOf>>): RolloutStatus {
  if (!what.done) throw new CliError(1, what.text, { status: after.status });
  return after.status;
}
