import { Rig } from '../helpers/rig';
import { Batch } from './stories/batch';

/** Repeats a run: `STORY_SEED=… npm run test:stories`. Without it every run tells the same stories. */
const SEED = Number(process.env['STORY_SEED'] ?? 20_261_124);
const BATCHES = 6;
const STORIES = 50;
/** Of so many the others are only counted. */
const SHOWN = 3;
const BATCH_MS = 300_000;

let told = 0;
afterAll(() => void process.stdout.write(`stories through the workflow: ${told} (STORY_SEED=${SEED})\n`));

describe('the rollout workflow, whatever happens in whatever order', () => {
  it.each(Array.from({ length: BATCHES }, (_none, batch) => [batch, batch % 3 === 2] as const))(
    'keeps the invariants, as the reference of the pure model counts them (batch %d, worker replaced: %s)',
    async (batch, restless) => {
      // A server of its own: one that has stopped skipping time would stop every later batch too.
      const rig = await Rig.start();
      try {
        const stories = await new Batch(rig.env, { seed: SEED + batch, count: STORIES, restless }).play();
        told += stories.length;
        const wrong = stories.filter(({ complaints }) => complaints.length > 0);
        const words = wrong.slice(0, SHOWN).map(({ complaints, story }) => `${complaints.join('\n')}\n  ${story}`);
        if (wrong.length > 0) throw new Error(`${wrong.length} wrong, STORY_SEED=${SEED}\n${words.join('\n\n')}`);
      } finally {
        await rig.stop();
      }
    },
    BATCH_MS,
  );
});
