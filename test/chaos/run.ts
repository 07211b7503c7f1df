import { setTimeout as sleep } from 'node:timers/promises';
import { numbers } from '../helpers/samples/foreign-texts';
import { ServedApi } from './api';
import { BREAKERS } from './breakers';
import { Counts } from './counts';
import { Faults } from './faults';
import { Fleet } from './fleet';
import { apiViolations, type Violation, violationsOf } from './invariants';
import { type Played, PlayedRollout } from './rollouts';
import { type Kind, KINDS, type Scenario, scenarios } from './scenarios';
import { Stage } from './stage';

export interface ChaosOptions {
  readonly seed: number;
  readonly minutes: number;
  /** Rollouts at the same time. */
  readonly rollouts: number;
  /** A name of `BREAKERS`. */
  readonly broken?: string | undefined;
  /** Default: all of them, in an order of the seed. */
  readonly kinds?: readonly Kind[];
  /** `aws`: only those that AWS answers, and no process is touched. Default: all. */
  readonly faults?: 'all' | 'aws';
  readonly say: (line: string) => void;
}

export interface ChaosResult {
  readonly seed: number;
  readonly minutes: number;
  readonly broken?: string | undefined;
  readonly versioning: boolean;
  readonly faults: number;
  readonly kinds: ReturnType<Counts['all']>;
  readonly rollouts: { readonly started: number; readonly ended: Readonly<Record<string, number>> };
  readonly apiAnswers: number;
  readonly violations: readonly Violation[];
  /** Set when there are violations: logs of every process. */
  readonly logs?: string;
}

const SAY_EVERY_MS = 15_000;
/** After the last fault. */
const MUST_END_WITHIN_MS = 120_000;
/** The streams of chance are apart, so that each gives the same for a seed however the others are used. */
const [OF_FAULTS, OF_REQUESTS, OF_ROLLOUTS] = [1, 2, 3];

export async function chaos(options: ChaosOptions): Promise<ChaosResult> {
  const { seed, say } = options;
  const counts = new Counts();
  const breaker = options.broken === undefined ? undefined : BREAKERS[options.broken]?.create();
  const versioning = seed % 2 === 1;
  say(`seed ${seed}, versioning ${versioning ? 'on' : 'off'}: starting Temporal, AWS, two workers, an API …`);
  const stage = await Stage.open({ counts, next: numbers(seed + OF_REQUESTS), breaker, versioning });
  let violations: readonly Violation[] | undefined;
  try {
    const names = Array.from({ length: options.rollouts }, (_, index) => `c${index}`);
    const fleet = new Fleet(stage, names);
    await fleet.setUp();
    await stage.work(fleet.planFile);
    const { played, api } = await play(options, { stage, fleet, counts });
    const [first] = fleet.plans;
    const ofApi = first === undefined ? [] : apiViolations('c0', api.answers, await fleet.values(first));
    violations = [...played.flatMap(({ seen }) => violationsOf(seen)), ...ofApi];
    return {
      ...{ seed, minutes: options.minutes, broken: options.broken, versioning },
      ...{ faults: counts.total, kinds: counts.all(), rollouts: endsOf(played), apiAnswers: api.answers.length },
      violations,
      ...(violations.length === 0 ? {} : { logs: stage.folder }),
    };
  } finally {
    await stage.close(violations === undefined || violations.length > 0);
  }
}

interface Parts {
  readonly stage: Stage;
  readonly fleet: Fleet;
  readonly counts: Counts;
}

async function play(options: ChaosOptions, { stage, fleet, counts }: Parts) {
  const { seed, minutes, say } = options;
  const api = await ServedApi.start(stage, fleet.plans[0]!);
  const following = api.follow();
  const faults = new Faults({ stage, fleet, api: api.part, counts, next: numbers(seed + OF_FAULTS) });
  const untilMs = Date.now() + minutes * 60_000;
  const played: Played[] = [];
  const saying = setInterval(() => say(progress(counts, played, untilMs)), SAY_EVERY_MS);
  try {
    const next = scenarios(numbers(seed + OF_ROLLOUTS), options.kinds ?? KINDS);
    const rounds = new Rounds({ stage, fleet, counts }, untilMs, next, (one) => {
      played.push(one);
      for (const { invariant, rollout, what } of violationsOf(one.seen))
        say(`VIOLATION ${invariant}: ${rollout}: ${what}`);
    });
    const rolling = rounds.all();
    const failing = faults.run(options.faults ?? 'all');
    await Promise.race([sleep(untilMs - Date.now()), rolling]);
    faults.stop();
    await failing;
    stage.calm();
    say('no more faults: every rollout must end now');
    await rolling;
    return { played, api };
  } finally {
    clearInterval(saying);
    faults.stop();
    stage.calm();
    await api.stop();
    await following;
  }
}

/** In each environment one rollout after the other. */
class Rounds {
  constructor(
    private readonly parts: Parts,
    private readonly untilMs: number,
    private readonly next: () => Scenario,
    private readonly ended: (one: Played) => void,
  ) {}

  async all(): Promise<void> {
    await Promise.all(this.parts.fleet.plans.map((plan, index) => this.inTurn(plan, index)));
  }

  private async inTurn(plan: Fleet['plans'][number], index: number): Promise<void> {
    const stuckAtMs = (): number => this.untilMs + MUST_END_WITHIN_MS;
    await sleep(index * 700);
    for (let nth = 1; nth === 1 || Date.now() < this.untilMs; nth += 1) {
      const one = new PlayedRollout({ ...this.parts, stuckAtMs }, plan, this.next(), `${plan.environment}-${nth}`);
      const played = await one.play();
      this.ended(played);
      if (played.seen.outcome === undefined) return;
      await one.tidyUp();
    }
  }
}

function endsOf(played: readonly Played[]): ChaosResult['rollouts'] {
  const ended: Record<string, number> = {};
  for (const { seen } of played) {
    const outcome = seen.outcome ?? 'not ended';
    ended[outcome] = (ended[outcome] ?? 0) + 1;
  }
  return { started: played.length, ended };
}

function progress(counts: Counts, played: readonly Played[], untilMs: number): string {
  const leftS = Math.max(0, Math.round((untilMs - Date.now()) / 1_000));
  return `${counts.total} faults of ${counts.all().length} kinds, ${played.length} rollouts ended, ${leftS} s left`;
}
