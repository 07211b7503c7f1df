import { Rig } from '../../helpers/temporal/rig';
import { Batch } from '../stories/batch';
import { isOfALostWorker } from '../stories/mortal-worker';

/** Repeats a run: `STORY_SEED=… npm run test:stories`. Without it every run tells the same stories. */
const SEED = Number(process.env['STORY_SEED'] ?? 20_261_124);
/** Tells one of them alone: `STORY=117`. */
const ONLY = process.env['STORY'] === undefined ? undefined : Number(process.env['STORY']);
/** How many there are: `STORIES=3000`. */
const STORIES = Math.max(Number(process.env['STORIES'] ?? 300), (ONLY ?? 0) + 1);
/** What begins and ends a batch costs as much as four stories. */
const BATCH = 75;
/** In the last of so many batches the worker is lost: `LOST_WORKERS=1` for each of them. */
const BATCHES_A_LOSS = Number(process.env['LOST_WORKERS'] ?? 4);
/** Of so many wrong ones the others are only counted. */
const SHOWN = 3;
const BATCH_MS = 600_000;

const batches = Array.from({ length: Math.ceil(STORIES / BATCH) }, (_none, nth) => nth).filter(
  (nth) => ONLY === undefined || Math.floor(ONLY / BATCH) === nth,
);

let told = 0;
afterAll(() => void process.stdout.write(`stories through the workflow: ${told} (STORY_SEED=${SEED})\n`));

describe('the rollout workflow, whatever happens in whatever order', () => {
  it.each(batches.map((nth) => [nth, nth % BATCHES_A_LOSS === BATCHES_A_LOSS - 1] as const))(
    'keeps the invariants, as the reference of the pure model counts them (batch %d, worker lost: %s)',
    async (nth, restless) => {
      const count = Math.min(BATCH, STORIES - nth * BATCH);
      // A server of its own: one that has stopped skipping time would stop every later batch too.
      const rig = await Rig.start(isOfALostWorker);
      try {
        const stories = await new Batch(rig.env, {
          seed: SEED + nth,
          count,
          restless,
          only: ONLY === undefined ? undefined : ONLY % BATCH,
        }).play();
        told += stories.length;
        const wrong = stories.filter(({ complaints }) => complaints.length > 0);
        const words = wrong.slice(0, SHOWN).map(({ nth: which, complaints, story }) => {
          const lost = restless ? ' LOST_WORKERS=1' : '';
          const again = `STORY_SEED=${SEED} STORY=${nth * BATCH + which}${lost} npm run test:stories`;
          return `${complaints.join('\n')}\n${story}\n  told again, alone, by: ${again}`;
        });
        if (wrong.length > 0) throw new Error(`${wrong.length} of ${count} are wrong\n\n${words.join('\n\n')}`);
      } finally {
        await rig.stop();
      }
    },
    BATCH_MS,
  );
});
