import { chaos } from '../chaos/run';

jest.setTimeout(300_000);

it('chaos finds a raise after a 0 % that something outside the product wrote, and nothing else', async () => {
  // Never true of the product: `test/chaos/breakers.ts` writes it behind its back.
  const broken = { broken: 'ratchet', kinds: ['abort'], faults: 'aws' } as const;
  const found = await chaos({ seed: 88, minutes: 0.15, rollouts: 2, ...broken, say: () => undefined });
  // A step too, where the rollout was further than the 10 % that is written for it.
  const others = found.violations.filter(({ invariant }) => invariant !== 'ratchet' && invariant !== 'steps');
  expect(others).toEqual([]);
  expect(found.violations.length).toBeGreaterThan(0);
  expect(found.rollouts.ended).toEqual({ aborted: found.rollouts.started });
  expect(found.faults).toBeGreaterThan(0);
});
