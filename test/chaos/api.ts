import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../sandbox/process/free-port';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import type { ApiAnswer } from './invariants';
import type { Part } from './part';
import type { Stage } from './stage';

const ASK_EVERY_MS = 300;

interface Health {
  readonly rollout?: { readonly percentage: number };
  readonly flags: { readonly generation?: number };
}

/** A served API of one environment, and what it answers. */
export class ServedApi {
  readonly answers: ApiAnswer[] = [];
  private stopped = false;

  private constructor(
    readonly part: Part,
    private readonly url: string,
  ) {}

  static async start(stage: Stage, { environment, aws, flag }: EnvironmentPlan): Promise<ServedApi> {
    const port = String(await freePort());
    const url = `http://127.0.0.1:${port}/api/health`;
    const part = stage.part('api', ['--require', './register.cjs', 'sandbox/api/main.ts'], {
      env: {
        ...{ PAVI_ENVIRONMENT: environment, AWS_ACCOUNT_ID: aws.account, AWS_PROFILE: aws.profile, PORT: port },
        FLAG_PARAMETER: flag.parameter,
      },
      isReady: async () => (await fetch(url, { signal: AbortSignal.timeout(1_000) })).ok,
    });
    await part.start();
    return new ServedApi(part, url);
  }

  /** Until stopped; it may be away. */
  async follow(): Promise<void> {
    while (!this.stopped) {
      const process = this.part.starts;
      const health = await this.ask().catch(() => undefined);
      const generation = health?.flags.generation;
      if (health !== undefined && generation !== undefined && process === this.part.starts)
        this.answers.push({ percentage: health.rollout?.percentage ?? 0, generation, process, atMs: Date.now() });
      await sleep(ASK_EVERY_MS);
    }
  }

  private async ask(): Promise<Health> {
    return (await (await fetch(this.url, { signal: AbortSignal.timeout(2_000) })).json()) as Health;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.part.stop();
  }
}
