import type { SSMClient } from '@aws-sdk/client-ssm';
import type { AwsFor } from '../../../../activities/aws';

/** How the next write of the orchestrator goes. */
export type WriteGoes = 'well' | 'written, not acknowledged' | 'lost' | 'late';

interface Value {
  readonly text: string;
  readonly version: number;
  readonly by: string;
  readonly atMs: number;
}

export interface Put {
  readonly name: string;
  readonly text: string;
  readonly by: string;
}

/**
 * SSM as it is: the last write wins, whenever it arrives, there is no compare-and-set, and a write that was given up may
 * still arrive. The clock is the story's.
 */
export class MemorySsm {
  nowMs = 0;
  /** Of the writes that follow; then they go well. */
  faults: { readonly goes: WriteGoes; readonly lateMs: number }[] = [];
  readsFail = 0;
  /** Everything that was sent by the orchestrator, in the order in which it was sent. */
  readonly sent: Put[] = [];
  onChange: () => void = () => undefined;
  private readonly values = new Map<string, Value[]>();
  private late: (Put & { readonly atMs: number })[] = [];

  readonly awsFor = (() => ({
    ssm: { send: (command: Sent) => this.send(command) } as unknown as SSMClient,
  })) as unknown as AwsFor;

  text(name: string): string | undefined {
    return this.values.get(name)?.at(-1)?.text;
  }

  /** An outside change: console, guardian, break-glass. */
  put({ name, text, by }: Put): void {
    const before = this.values.get(name) ?? [];
    const version = (before.at(-1)?.version ?? 0) + 1;
    this.values.set(name, [...before, { text, version, by, atMs: this.nowMs }].slice(-100));
    this.onChange();
  }

  /** Time goes on, and what is late arrives. */
  go(toMs: number): void {
    const due = this.late.filter(({ atMs }) => atMs <= toMs).sort((a, b) => a.atMs - b.atMs);
    this.late = this.late.filter(({ atMs }) => atMs > toMs);
    for (const put of due) {
      this.nowMs = Math.max(this.nowMs, put.atMs);
      this.put(put);
    }
    this.nowMs = Math.max(this.nowMs, toMs);
  }

  get lateAtMs(): number {
    return Math.min(Infinity, ...this.late.map(({ atMs }) => atMs));
  }

  private async send({ constructor, input }: Sent): Promise<object> {
    const { Name: name, Value: text = '', Overwrite } = input;
    switch (constructor.name) {
      case 'GetParameterCommand': {
        this.readFails();
        const value = this.values.get(name)?.at(-1);
        if (value === undefined) throw error('ParameterNotFound');
        return { Parameter: { Value: value.text, Version: value.version, LastModifiedDate: new Date(value.atMs) } };
      }
      case 'GetParameterHistoryCommand': {
        this.readFails();
        const all = this.values.get(name) ?? [];
        return {
          Parameters: all.map(({ text: Value, version: Version, by }) => ({ Value, Version, LastModifiedUser: by })),
        };
      }
      case 'DeleteParameterCommand':
        this.values.delete(name);
        return {};
      case 'PutParameterCommand':
        if (Overwrite !== true && this.values.has(name)) throw error('ParameterAlreadyExists');
        return this.write({ name, text, by: 'worker' });
      default:
        throw error(`no ${constructor.name} here`);
    }
  }

  private write(put: Put): object {
    this.sent.push(put);
    const { goes, lateMs } = (put.name.endsWith('-owner') ? undefined : this.faults.shift()) ?? {
      goes: 'well',
      lateMs: 0,
    };
    if (goes === 'late') this.late.push({ ...put, atMs: this.nowMs + lateMs });
    if (goes === 'well' || goes === 'written, not acknowledged') this.put(put);
    if (goes !== 'well') throw error('TimeoutError');
    return {};
  }

  private readFails(): void {
    if (this.readsFail === 0) return;
    this.readsFail -= 1;
    throw error('TimeoutError');
  }
}

interface Sent {
  readonly constructor: { readonly name: string };
  readonly input: { readonly Name: string; readonly Value?: string; readonly Overwrite?: boolean };
}

const error = (name: string): Error => Object.assign(new Error(name), { name });
