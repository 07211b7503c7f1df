import type { BackOrder } from '../../../activities/act/stack-back';
import type { DeployOrder } from '../../../activities/act/stacks/prepare-change-set';
import type { KeepOrder, Kept } from '../../../activities/act/keep-stacks';
import type { StopOrder } from '../../../activities/act/stacks/stack-stop';
import type { DeploymentResult, StackChanges, StoppedStack } from '../../../rules/stacks/results';
import type { DeployedOrder } from '../../../activities/act/stacks/deployment-record';
import type { DeploymentPlace } from '../../../activities/observe/stacks/deployment-record';
import type { SynthesisOrder } from '../../../activities/observe/stacks/synthesis';
import type { Deployed, DeploymentRecord } from '../../../rules/stacks/deployment-record';
import { withDeployed, withoutDeployed } from '../../../rules/stacks/deployment-record';
import type { Synthesis } from '../../../rules/stacks/synthesis';
import type { KeptDeployment } from '../../../rules/stacks/kept';
import { withKept, without } from '../../../rules/stacks/kept';
import type { StackLook } from '../../../rules/stacks/way-back';
import type { FakeAws } from './fake-aws';

/**
 * The stacks of a workflow test: one word of CloudFormation and one state each. What the activities themselves do is tested
 * against the emulator; only its clock keeps them out of here.
 */
export class FakeStacks {
  readonly stacks = new Map<string, Pick<StackLook, 'status' | 'state' | 'hadStableState'>>();
  kept: KeptDeployment[] = [];
  /** What was started, in order. */
  readonly done: string[] = [];
  /** Runs in a deployment; may throw, or change the world. */
  deploys: (order: DeployOrder) => Promise<void> | void = () => undefined;
  /** Runs in a way back; may throw. Without it CloudFormation does what it is asked for. */
  goesBack: (order: BackOrder) => Promise<void> | void = () => undefined;
  drifted: string[] = [];
  movedImages: string[] = [];
  /** Stacks on which a deployment has started something. */
  readonly begun = new Set<string>();
  /** What the app makes; may throw, or take its time. */
  synthesizes: (order: SynthesisOrder) => Promise<Synthesis> | Synthesis = () => this.synthesis;
  synthesis: Synthesis = {
    template: 't1',
    nextTemplates: {},
    changes: [{ name: 'S', changed: true, security: '', text: 'one' }],
    mutableImages: [],
    notes: [],
  };
  /** What is known of each environment. */
  readonly records = new Map<string, DeploymentRecord>();

  constructor(private readonly aws: FakeAws) {}

  put(name: string, status: string, state: string, hadStableState = true): void {
    this.stacks.set(name, { status, state, hadStableState });
  }

  look(name: string): StackLook {
    const found = this.stacks.get(name) ?? { status: 'absent', state: 'absent', hadStableState: false };
    return { name, ...found, template: found.state, terminationProtected: false, failedResources: ['One: it failed'] };
  }

  activities() {
    return {
      ...this.aws.activities(),
      lookAtStacks: async ({ stacks }: { stacks: string[] }) => stacks.map((name) => this.look(name)),
      keepStacks: async (order: KeepOrder) => this.keep(order),
      readKept: async () => this.kept,
      forgetKept: async ({ runId }: { runId: string }) => void (this.kept = [...without(this.kept, runId)]),
      synthesize: async (order: SynthesisOrder) => this.synthesizes(order),
      readDeployed: async ({ environment }: DeploymentPlace) => this.records.get(environment) ?? { schema: 1 },
      recordDeployed: async ({ environment, deployed }: DeployedOrder) => this.record(environment, deployed),
      changesOfBack: async (): Promise<StackChanges[]> => [{ name: 'S', changed: true, security: '', text: 'back' }],
      movedImagesOf: async () => this.movedImages,
      detectDrift: async () => this.drifted,
      deployStacks: (order: DeployOrder) => this.deployStacks(order),
      takeBack: (order: BackOrder) => this.takeBack(order),
      begunStacks: async () => [...this.begun],
      stopStacks: async ({ stacks }: StopOrder) => this.stopStacks(stacks),
    };
  }

  private keep({ stacks, workflowId, runId }: KeepOrder): Kept {
    const looked = stacks
      .map((name) => this.look(name))
      .map(({ name, template, state }) => ({ name, template, state }));
    const deployment = { workflowId, runId, atMs: 0, bucket: 'assets', stacks: looked };
    this.kept = [...withKept(this.kept, deployment)];
    this.done.push('keep');
    return { deployment, mutableImages: ['S: repo:main'], unsure: [] };
  }

  private record(environment: string, deployed: Deployed | undefined): DeploymentRecord {
    this.done.push(deployed === undefined ? 'forget' : `record ${deployed.template}`);
    const before = this.records.get(environment) ?? { schema: 1 };
    const after = deployed === undefined ? withoutDeployed(before) : withDeployed(before, deployed);
    this.records.set(environment, after);
    return after;
  }

  private async deployStacks(order: DeployOrder): Promise<DeploymentResult> {
    this.done.push('deploy');
    await this.deploys(order);
    return { stacks: order.infrastructure.stacks.map((name) => ({ name, outcome: 'no-changes', outputs: {} })) };
  }

  /** CloudFormation takes back what it is cancelled in. */
  private stopStacks(names: readonly string[]): StoppedStack[] {
    this.done.push(`stop at ${this.aws.flag.percentage} %`);
    return names.map((name) => {
      if (this.look(name).status === 'UPDATE_IN_PROGRESS') this.put(name, 'UPDATE_ROLLBACK_COMPLETE', 'before');
      return { name, status: this.look(name).status, begun: this.begun.has(name) };
    });
  }

  private async takeBack(order: BackOrder): Promise<string> {
    this.done.push(`${order.stack} ${order.way} at ${this.aws.flag.percentage} %`);
    await this.goesBack(order);
    const { status, state } = this.look(order.stack);
    if (order.way === 'wait')
      this.put(
        order.stack,
        status.replace(/(_CLEANUP)?_IN_PROGRESS$/, (_all, cleanup) => (cleanup ? '' : '_COMPLETE')),
        state,
      );
    else if (order.way === 'redeploy')
      this.put(
        order.stack,
        'UPDATE_COMPLETE',
        order.kept?.stacks.find(({ name }) => name === order.stack)?.state ?? '?',
      );
    else this.put(order.stack, 'UPDATE_ROLLBACK_COMPLETE', 'stable');
    return this.look(order.stack).status;
  }
}
