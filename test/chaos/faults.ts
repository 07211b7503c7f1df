import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { SERVICES } from './aws-faults';
import type { Counts } from './counts';
import { AWS_FAULTS, type AwsFault } from './fault-proxy';
import type { Fleet } from './fleet';
import type { Part } from './part';
import { shuffled } from './scenarios';
import type { Stage } from './stage';

const MINUTE_MS = 60_000;
/** Together with a late write shorter than the 10 s after which a rollout takes a write for lost. */
const EMULATOR_AWAY_MS = 2_500;
const AWAY_MS = 6_000;
const JUMPS_MS = [-24 * 60, -10, 10, 24 * 60].map((minutes) => minutes * MINUTE_MS);
const MOST_EVENTS_AGAIN = 5;

interface Parts {
  readonly stage: Stage;
  readonly fleet: Fleet;
  readonly api: Part;
  readonly counts: Counts;
  readonly next: () => number;
}

type Maker = () => Promise<void> | void;

/** What AWS answers now and then, and what a client must bear without a hold. */
const ORDINARY: readonly AwsFault[] = ['throttled', 'server-error', 'reset', 'latency', 'half-open', 'expired-token'];

/** Chooses the faults, one after the other, until told to stop. */
export class Faults {
  private readonly all: readonly Maker[];
  private readonly ofAws: readonly Maker[];
  private left: Maker[] = [];
  private stopped = false;

  constructor(private readonly parts: Parts) {
    const { stage, api } = parts;
    const aws: readonly Maker[] = AWS_FAULTS.flatMap((fault) =>
      fault === 'unreachable' ? [] : [() => this.spell(fault)],
    );
    this.ofAws = ORDINARY.map((fault) => () => this.spell(fault));
    this.all = [
      ...aws,
      ...aws,
      ...stage.workers.flatMap((worker) => [() => this.kill(worker), () => this.freeze(worker)]),
      () => this.kill(stage.temporal),
      () => this.freeze(stage.temporal),
      () => this.kill(api),
      () => this.freeze(api),
      () => this.freeze(stage.emulator, EMULATOR_AWAY_MS),
      () => this.restartEmulator(),
      () => this.unreachable(),
      () => this.jump(),
      () => this.fullDisk(),
      () => this.fullDiskOfTemporal(),
      () => this.eventsAgain(),
      () => this.eventsAgain(),
    ];
  }

  /** Each of them once, in another order each time. */
  async run(kind: 'all' | 'aws'): Promise<void> {
    while (!this.stopped) {
      if (this.left.length === 0) this.left = shuffled(kind === 'all' ? this.all : this.ofAws, this.parts.next);
      await this.left.pop()?.();
      await sleep(200 + this.parts.next() * 1_200);
    }
  }

  stop(): void {
    this.stopped = true;
  }

  private upTo(ms: number): number {
    return Math.round(ms * (0.15 + 0.85 * this.parts.next()));
  }

  private one<T>(items: readonly T[]): T {
    return items[Math.floor(this.parts.next() * items.length)] as T;
  }

  /** Beside the next faults. */
  private spell(fault: AwsFault): void {
    const { stage } = this.parts;
    const events = fault === 'events-twice' || fault === 'events-late';
    const service = events ? 'sqs' : fault === 'late-write' ? 'ssm' : this.one(SERVICES);
    const share = 0.3 + 0.7 * this.parts.next();
    stage.proxy.spells.push({ fault, service, untilMs: Date.now() + this.upTo(AWAY_MS), share });
  }

  /** A service manager starts it again. */
  private kill(part: Part): void {
    this.parts.counts.add('kill', part.name);
    part.kill();
  }

  private async freeze(part: Part, atMostMs = AWAY_MS): Promise<void> {
    this.parts.counts.add('freeze', part.name);
    part.freeze();
    await sleep(this.upTo(atMostMs));
    part.thaw();
  }

  /** Connections are cut first: it accepts nothing that it does not keep. */
  private async restartEmulator(): Promise<void> {
    const { stage, counts } = this.parts;
    counts.add('kill', 'emulator');
    stage.proxy.refuse(true);
    await stage.emulator.stop('SIGTERM');
    await stage.emulator.start();
    stage.proxy.refuse(false);
  }

  private async unreachable(): Promise<void> {
    const { stage, counts } = this.parts;
    counts.add('unreachable', 'aws');
    stage.proxy.refuse(true);
    await sleep(this.upTo(AWAY_MS));
    stage.proxy.refuse(false);
  }

  private async jump(): Promise<void> {
    const { stage, counts } = this.parts;
    counts.add('clock-jump', 'worker');
    const clock = this.one(stage.clocks);
    writeFileSync(clock, String(this.one(JUMPS_MS)));
    await sleep(this.upTo(AWAY_MS));
    writeFileSync(clock, '0');
  }

  /** A worker whose log finds no room, from its start. */
  private async fullDisk(): Promise<void> {
    const { stage, counts } = this.parts;
    const worker = this.one(stage.workers);
    counts.add('full-disk', worker.name);
    worker.logTo = '/dev/full';
    worker.kill();
    await sleep(this.upTo(2 * AWAY_MS));
    worker.logTo = undefined;
    worker.kill();
  }

  /** No file of it may grow any more; the limit is of the process, so the next one has room. */
  private async fullDiskOfTemporal(): Promise<void> {
    const { stage, counts } = this.parts;
    const { pid } = stage.temporal;
    if (pid === undefined) return;
    counts.add('full-disk', 'temporal');
    spawnSync('prlimit', ['--pid', String(pid), '--fsize=4096:unlimited']);
    await sleep(this.upTo(2_000));
    if (stage.temporal.pid === pid) stage.temporal.kill();
  }

  /** What the queue brings comes again, later and in another order. */
  private async eventsAgain(): Promise<void> {
    const { stage, fleet, counts, next } = this.parts;
    const asked = { QueueUrl: fleet.queue, MaxNumberOfMessages: 10, VisibilityTimeout: 0 };
    const { Messages = [] } = await stage.aws.sqs.send(new ReceiveMessageCommand(asked));
    const bodies = [...Messages.map(({ Body = '' }) => Body), ...fleet.sent];
    for (const MessageBody of shuffled(bodies, next).slice(0, MOST_EVENTS_AGAIN)) {
      counts.add('events-again-and-reordered', 'sqs');
      await stage.aws.sqs.send(new SendMessageCommand({ QueueUrl: fleet.queue, MessageBody }));
    }
  }
}
