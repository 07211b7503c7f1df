import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Toolkit } from '@aws-cdk/toolkit-lib';
import { GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { rollbackTriggers, type RollbackTriggers, type TriggerAlarm } from '../../../rules/stacks/rollback-triggers';
import { asciiJson, isTemplateAsSent } from '../../../rules/stacks/template';
import type { AwsClients } from '../../aws';
import { failure } from '../../failures';
import { describeStack } from '../../observe/stacks';
import { cdkToolkit } from '../../optional-packages';
import { type Assembly, assemblyOf, stackIn } from './assembly';
import { ensureCredentials, toolkitFor } from './cdk';
import {
  forgetChangeSet,
  preparedName,
  readyChangeSet,
  type ReadyChangeSet,
  watchedCopy,
  watchedName,
} from './change-set';
import type { StackProgressHost } from './stack-progress';
import { alarmNamed } from '../../observe/guards/alarm-lookup';
import type { AwsTarget, Infrastructure } from '../../../rules/plan/environment-plan';

export interface DeployOrder {
  readonly infrastructure: Infrastructure;
  readonly aws: AwsTarget;
  /** Instead of the stacks of `infrastructure`. */
  readonly stacks?: readonly string[];
  /**
   * Token of the operations at CloudFormation, at most 110 letters, digits and hyphens: another attempt recognizes them by
   * it.
   */
  readonly token: string;
  /** Names of alarms for which CloudFormation itself rolls the deployment back; `monitorMs` of the infrastructure is the time. */
  readonly alarms?: readonly string[];
  /** Hash of the approved template (`rules/stacks/synthesis.ts`): nothing else is deployed. */
  readonly approved?: string;
}

export interface Preparation {
  readonly clients: AwsClients;
  readonly order: DeployOrder;
  readonly host: StackProgressHost;
  readonly pollMs: number;
}

/**
 * Creates the change sets of one deployment: CDK's toolkit publishes the assets and prepares them, and with alarms a copy
 * gets the rollback triggers, which the toolkit cannot set. The app is synthesized once, when first needed.
 */
export class Preparing {
  /** Notes on a deployment that succeeded. */
  readonly notes: string[] = [];
  private outdir: string | undefined;
  private assembly: Assembly | undefined;
  private toolkit: Toolkit | undefined;

  constructor(private readonly of: Preparation) {}

  async end(): Promise<void> {
    await this.assembly?.dispose();
    if (this.outdir !== undefined) await rm(this.outdir, { recursive: true, force: true });
  }

  /** Undefined when there is nothing to change. A change set of an earlier attempt is used as it is. */
  async changeSet(name: string): Promise<ReadyChangeSet | undefined> {
    const { clients, order, pollMs, host } = this.of;
    const { cloudformation } = clients;
    const { token } = order;
    const { monitorMs } = order.infrastructure;
    const copied = await readyChangeSet(cloudformation, name, watchedName(token), pollMs);
    if (copied !== undefined) return copied;
    const known =
      monitorMs === undefined ? await readyChangeSet(cloudformation, name, preparedName(token), pollMs) : undefined;
    if (known !== undefined && (await this.isShownAsSent(name))) return known;
    const template = await this.prepare(name);
    if (host.unchanged) {
      await forgetChangeSet(cloudformation, name, preparedName(token));
      return undefined;
    }
    const triggers = monitorMs === undefined ? undefined : await this.triggers(name, monitorMs);
    const held = await this.heldTriggers(name);
    const isWatched = triggers !== undefined && triggers.triggers.length + held.length > 0;
    if (!isWatched && held.length > 0)
      this.notes.push(`${name} keeps the rollback triggers it has: ${held.join(', ')}`);
    if (isWatched || asciiJson(template) !== template)
      return watchedCopy(clients, {
        aws: order.aws,
        stack: name,
        token,
        pollMs,
        template,
        triggers: isWatched ? triggers : undefined,
      });
    const ready = await readyChangeSet(cloudformation, name, preparedName(token), pollMs);
    if (ready === undefined) throw failure('Unavailable', `the change set that was prepared for ${name} is gone`);
    return ready;
  }

  /** Of the change set that an earlier attempt prepared. */
  private async isShownAsSent(StackName: string): Promise<boolean> {
    const asked = { StackName, ChangeSetName: preparedName(this.of.order.token), TemplateStage: 'Original' as const };
    const { TemplateBody = '' } = await this.of.clients.cloudformation.send(new GetTemplateCommand(asked));
    return isTemplateAsSent(TemplateBody);
  }

  /** The template as the app produced it. */
  private async prepare(name: string): Promise<string> {
    const { host, order, pollMs } = this.of;
    const { toolkit, assembly } = await this.synthesized(name);
    const { hierarchicalId, templateFullPath } = stackIn(assembly, name);
    await toolkit.deploy(assembly, {
      stacks: { strategy: cdkToolkit().StackSelectionStrategy.PATTERN_MUST_MATCH_SINGLE, patterns: [hierarchicalId] },
      deploymentMethod: { method: 'change-set', execute: false, changeSetName: preparedName(order.token) },
      stackEventPollingInterval: pollMs,
    });
    host.say(name, host.unchanged ? 'nothing to change' : 'the change set is made');
    return readFile(templateFullPath, 'utf8');
  }

  private async synthesized(name: string): Promise<{ toolkit: Toolkit; assembly: Assembly }> {
    const { host, order, clients } = this.of;
    await ensureCredentials(clients);
    this.toolkit ??= toolkitFor(order.aws, host);
    this.outdir ??= await mkdtemp(join(tmpdir(), 'cdk-out-'));
    if (this.assembly === undefined) {
      host.say('', `synthesizing ${order.infrastructure.app}`);
      this.assembly = await assemblyOf({ ...order, clients, toolkit: this.toolkit }, this.outdir);
      host.say(name, 'synthesized');
    }
    // The toolkit would delete the stack.
    const { template } = stackIn(this.assembly, name);
    if (Object.keys((template as { Resources?: object }).Resources ?? {}).length === 0)
      throw failure('DeploymentFailed', `${name} has no resources: nothing was deployed`);
    return { toolkit: this.toolkit, assembly: this.assembly };
  }

  private async triggers(stack: string, monitorMs: number): Promise<RollbackTriggers> {
    const { clients, order } = this.of;
    const found = rollbackTriggers(await readTriggerAlarms(clients.cloudwatch, order.alarms ?? []), monitorMs);
    const { length } = found.triggers;
    const alarms = length === 1 ? 'one alarm' : `${length} alarms`;
    if (length > 0) this.notes.push(`${stack}: CloudFormation watched ${alarms} for ${found.minutes} min`);
    this.notes.push(...found.leftOut.map((why) => `${stack}: ${why}`));
    return found;
  }

  /** Triggers that an earlier deployment, or an operator, gave the stack: they apply until others are set. */
  private async heldTriggers(stack: string): Promise<readonly string[]> {
    const found = await describeStack(this.of.clients.cloudformation, stack);
    return found?.RollbackConfiguration?.RollbackTriggers?.map(({ Arn = '?' }) => Arn) ?? [];
  }
}

/** The alarms of these names as CloudFormation would receive them; composite ones too. */
function readTriggerAlarms(cloudwatch: CloudWatchClient, names: readonly string[]): Promise<readonly TriggerAlarm[]> {
  return Promise.all(
    names.map(async (name) => {
      const found = await alarmNamed(cloudwatch, name);
      const arn = found?.alarm.AlarmArn;
      return { name, kind: found?.kind, ringing: found?.alarm.StateValue === 'ALARM', arn };
    }),
  );
}
