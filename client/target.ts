import type { CommonOptions, NextWay } from './options';
import { PlanFile, type Planned } from './input/plan-file';
import type * as connectModule from './temporal/connect';
import type { Temporal } from './temporal/connect';
import type * as explainModule from './temporal/explain-error';
import type * as deploymentModule from './temporal/find-deployment';
import type { SeenDeployment } from './temporal/find-deployment';
import type * as releaseModule from './temporal/find-release';
import type { SeenRelease } from './temporal/find-release';
import type * as rolloutModule from './temporal/find-rollout';
import type { Seen } from './temporal/find-rollout';
import type * as whichModule from './temporal/which-rollout';
import type { Which } from './temporal/which-rollout';
import type * as messagesModule from '../workflows/messages';
import { Failure, type ExitCode } from './terminal/failure';
import { stackOf, warn } from './terminal/output';

/** What a verb does with its target and the options typed. */
export type Verb<Options extends CommonOptions> = (target: Target, options: Options) => Promise<ExitCode>;

const messages = () => require('../workflows/messages') as typeof messagesModule;

/**
 * What the words of a verb mean. The plan is read once, one connection is opened, and the rollout, the deployment and the
 * release are each found once: each when it is first needed. What loads the client of Temporal is loaded when the connection
 * is, because verbs that need none must be quick.
 */
export class Target {
  readonly planFile: PlanFile;
  /** Set for the verbs that must name another way to 0 % when no worker answers. */
  nextWay: NextWay | undefined;
  private opening: Promise<Temporal> | undefined;
  private readonly found = new Map<unknown, Promise<unknown>>();

  constructor(
    /** As it was typed. */
    readonly environment: string | undefined,
    readonly options: CommonOptions,
  ) {
    this.planFile = new PlanFile(options);
  }

  /** Runs a verb and closes the connection. Throws a Failure of one clear line for an error of Temporal. */
  async run(verb: () => Promise<ExitCode>): Promise<ExitCode> {
    try {
      return await verb();
    } catch (error) {
      throw await this.explained(error);
    } finally {
      const temporal = await this.opening?.catch(() => undefined);
      await temporal?.connection.close();
    }
  }

  /** The connection. Throws a Failure when Temporal cannot be used. */
  temporal(): Promise<Temporal> {
    const { connect } = require('./temporal/connect') as typeof connectModule;
    return (this.opening ??= connect(this.options));
  }

  /** The checked plan of the environment. Throws a Failure that names every problem of the file. */
  planned(): Planned {
    return this.planFile.planned(this.named);
  }

  /** @throws Failure when neither the plan nor the options name it. */
  get service(): string {
    return this.planFile.serviceOf(this.environment);
  }

  /** @throws Failure when none is named. */
  get named(): string {
    if (this.environment === undefined) throw new Failure(2, 'Name the environment.');
    return this.environment;
  }

  /** The rollout meant: the one of the environment, or, without one, the only one that runs. */
  async which(): Promise<Which | undefined> {
    const { whichRollout } = require('./temporal/which-rollout') as typeof whichModule;
    // The plan is read before anything is connected, so that wrong usage is reported even without a server.
    const { service } = this;
    return this.once(whichRollout, () => whichRollout(service, this.environment, () => this.temporal()));
  }

  /** As it was before the verb. Throws as `findRollout` does. */
  rollout(): Promise<Seen | undefined> {
    const { rolloutWorkflowId } = messages();
    const { findRollout } = require('./temporal/find-rollout') as typeof rolloutModule;
    return this.once(findRollout, () => this.of(findRollout, rolloutWorkflowId));
  }

  /** As it was before the verb. Throws as `findDeployment` does. */
  deployment(): Promise<SeenDeployment | undefined> {
    const { deploymentWorkflowId } = messages();
    const { findDeployment } = require('./temporal/find-deployment') as typeof deploymentModule;
    return this.once(findDeployment, () => this.of(findDeployment, deploymentWorkflowId));
  }

  /** As it was before the verb. Throws as `findRelease` does. */
  release(): Promise<SeenRelease | undefined> {
    const { releaseWorkflowId } = messages();
    const { findRelease } = require('./temporal/find-release') as typeof releaseModule;
    return this.once(findRelease, () => this.of(findRelease, releaseWorkflowId));
  }

  private async of<T>(
    find: (temporal: Temporal, workflowId: string) => Promise<T | undefined>,
    idOf: (service: string, environment: string) => string,
  ): Promise<T | undefined> {
    const which = await this.which();
    return which === undefined ? undefined : find(await this.temporal(), idOf(which.service, which.environment));
  }

  private once<T>(key: unknown, find: () => Promise<T>): Promise<T> {
    const known = this.found.get(key) as Promise<T> | undefined;
    const finding = known ?? find();
    this.found.set(key, finding);
    return finding;
  }

  private async explained(error: unknown): Promise<unknown> {
    if (error instanceof Failure) return error;
    const temporal = await this.opening?.catch(() => undefined);
    if (temporal === undefined) return error;
    if (this.options.debug === true) warn(stackOf(error));
    const { explain } = require('./temporal/explain-error') as typeof explainModule;
    return explain(error, temporal);
  }
}

/** The same, when it runs; what cannot be asked counts as none, for verbs that mean something else in the first place. */
export async function running<T extends { readonly running: boolean }>(
  finding: Promise<T | undefined>,
): Promise<T | undefined> {
  const seen = await finding.catch(() => undefined);
  return seen?.running === true ? seen : undefined;
}
