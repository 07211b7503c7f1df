import type { CommonOptions, NextWay } from './options';
import { PlanFile, type Planned } from './input/plan-file';
import type { Temporal } from './temporal/connect';
import type { SeenDeployment } from './temporal/find-deployment';
import type { SeenRelease } from './temporal/find-release';
import type { RolloutView } from './temporal/find-rollout';
import type { Which } from './temporal/which-rollout';
import { CliError, type ExitCode } from './terminal/cli-error';
import { hintsFor } from './terminal/hints';
import { stackOf, warn } from './terminal/output';

/** What a verb does with its target and the options. */
export type Verb<Options extends CommonOptions> = (target: Target, options: Options) => Promise<ExitCode>;

/**
 * Resolves what a verb acts on. The plan is read once, one connection is opened, and rollout, deployment and release are
 * each looked up once, when first needed. Temporal's client is loaded only with the connection, so that verbs without it
 * start quickly.
 */
export class Target {
  readonly planFile: PlanFile;
  /** Set for verbs that must print another way to 0 % when no worker answers. */
  nextWay: NextWay | undefined;
  private readonly found = new Map<string, Promise<unknown>>();

  constructor(
    /** As typed. */
    readonly environment: string | undefined,
    readonly options: CommonOptions,
    private opening?: Promise<Temporal>,
  ) {
    this.planFile = new PlanFile(options);
    hintsFor(environment, options);
  }

  /** Runs a verb and closes the connection. Throws as `explaining` does. */
  async run(verb: () => Promise<ExitCode>): Promise<ExitCode> {
    try {
      return await this.explaining(verb);
    } finally {
      await this.close();
    }
  }

  /** Turns an error of Temporal into a Failure with a one-line message. */
  async explaining<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw await this.explained(error);
    }
  }

  /** Looks everything up again, through the same connection. */
  again(): Target {
    return new Target(this.environment, this.options, this.opening);
  }

  /** Closes the connection, if there is one. */
  async close(): Promise<void> {
    const temporal = await this.opening?.catch(() => undefined);
    await temporal?.connection.close();
  }

  /** The connection. Throws a Failure when Temporal cannot be used. */
  temporal(): Promise<Temporal> {
    return (this.opening ??= this.connected());
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
    if (this.environment === undefined) throw new CliError(2, 'Name the environment.');
    return this.environment;
  }

  /** The rollout of the environment; without an environment, the only one that runs. */
  which(): Promise<Which | undefined> {
    return this.once('which', async () => {
      // Read the plan before connecting, so that wrong usage is reported even without a server.
      const { service } = this;
      const { whichRollout } = require('./temporal/which-rollout') as typeof import('./temporal/which-rollout');
      return whichRollout(service, this.environment, () => this.temporal());
    });
  }

  /** The rollout as it was before the verb. Throws as `findRollout` does. */
  rollout(): Promise<RolloutView | undefined> {
    return this.once('rollout', async () => {
      const which = await this.which();
      const { findRollout } = require('./temporal/find-rollout') as typeof import('./temporal/find-rollout');
      return which && findRollout(await this.temporal(), which.workflowId);
    });
  }

  /** The deployment as it was before the verb. Throws as `findDeployment` does. */
  deployment(): Promise<SeenDeployment | undefined> {
    return this.once('deployment', async () => {
      const which = await this.which();
      const { deploymentWorkflowId } = require('../workflows/messages') as typeof import('../workflows/messages');
      const { findDeployment } = require('./temporal/find-deployment') as typeof import('./temporal/find-deployment');
      return which && findDeployment(await this.temporal(), deploymentWorkflowId(which.service, which.environment));
    });
  }

  /** The release as it was before the verb. Throws as `findRelease` does. */
  release(): Promise<SeenRelease | undefined> {
    return this.once('release', async () => {
      const which = await this.which();
      const { releaseWorkflowId } = require('../workflows/messages') as typeof import('../workflows/messages');
      const { findRelease } = require('./temporal/find-release') as typeof import('./temporal/find-release');
      return which && findRelease(await this.temporal(), releaseWorkflowId(which.service, which.environment));
    });
  }

  private async connected(): Promise<Temporal> {
    const { connect } = require('./temporal/connect') as typeof import('./temporal/connect');
    return connect(this.options);
  }

  private once<T>(what: string, find: () => Promise<T>): Promise<T> {
    const finding = (this.found.get(what) as Promise<T> | undefined) ?? find();
    this.found.set(what, finding);
    return finding;
  }

  /** An error of Temporal as a Failure with a one-line message. */
  private async explained(error: unknown): Promise<unknown> {
    if (error instanceof CliError) return error;
    const temporal = await this.opening?.catch(() => undefined);
    if (temporal === undefined) return error;
    if (this.options.debug === true) warn(stackOf(error));
    const { explain } = require('./temporal/explain-error') as typeof import('./temporal/explain-error');
    return explain(error, temporal);
  }
}

/** The result if it is running. Treats a failed lookup as none, for verbs whose main target is something else. */
export async function running<T extends { readonly running: boolean }>(
  finding: Promise<T | undefined>,
): Promise<T | undefined> {
  const seen = await finding.catch(() => undefined);
  return seen?.running === true ? seen : undefined;
}
