import { bench } from '../bench';
import { Fleet } from '../live/fleet';
import { Stage } from '../live/stage';
import { summary, type Summary } from '../summary';
import { commandsFor, timed, type Timed } from './commands';

interface CliResult {
  readonly rows: readonly {
    readonly name: string;
    readonly goalMs?: number;
    /** Of the process alone: what it waits for is not in it. */
    readonly userMs: Summary;
    readonly wallMs: Summary;
  }[];
}

const ROUNDS = 20;
const QUICK = 5;

/** User CPU of short commands beside a bare `node -e 0`, in turns; `status` asks a real worker about a live rollout. */
export const cli = bench<CliResult>({
  run: async ({ quick, rounds = quick ? QUICK : ROUNDS }) => {
    const stage = await Stage.open();
    try {
      const fleet = new Fleet(stage, ['cli']);
      await fleet.setUp();
      await stage.work(fleet.planFile);
      await fleet.start();
      await fleet.untilLive();
      return await measured(fleet, { ...process.env, TEMPORAL_ADDRESS: stage.address }, rounds);
    } finally {
      await stage.close();
    }
  },
  table: ({ rows }) => ({
    title: 'Short commands',
    columns: ['command', 'user CPU ms', 'p99', 'goal', 'wall ms', 'p99'],
    rows: rows.map(({ name, goalMs = '–', userMs, wallMs }) => [
      name,
      Math.round(userMs.median),
      Math.round(userMs.p99),
      goalMs,
      Math.round(wallMs.median),
      Math.round(wallMs.p99),
    ]),
  }),
});

async function measured({ planFile, names }: Fleet, env: NodeJS.ProcessEnv, rounds: number): Promise<CliResult> {
  const commands = commandsFor(planFile, names[0] ?? '');
  const all: (readonly Timed[])[] = [];
  // The first round compiles, and does not count.
  for (let round = 0; round <= rounds; round += 1) {
    const times: Timed[] = [];
    for (const command of commands) times.push(await timed(command, env));
    if (round > 0) all.push(times);
  }
  const rows = commands.map(({ name, goalMs }, index) => ({
    name,
    goalMs,
    userMs: summary(all.map((times) => times[index]!.userMs)),
    wallMs: summary(all.map((times) => times[index]!.wallMs)),
  }));
  return { rows };
}
