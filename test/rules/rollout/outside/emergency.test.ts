import { breakGlassBy, GUARDIAN, isEmergencyStop } from '../../../../rules/rollout/outside/emergency-writers';

const known = { readAtMs: 1, highestGeneration: 7 };
const zero = { percentage: 0, generation: 8, writer: GUARDIAN };

it.each([
  ['the guardian', known, zero, true],
  ['a person with the glass broken', known, { ...zero, writer: breakGlassBy('ada') }, true],
  ['a hand in the console', known, { ...zero, writer: 'ada' }, false],
  ['a person of that name', known, { ...zero, writer: 'guardian angel' }, false],
  ['more than 0', known, { ...zero, percentage: 10 }, false],
  ['what stood before the rollout looked', { ...known, readAtMs: 0 }, zero, false],
  ['what the rollout has seen', known, { ...zero, generation: 7 }, false],
])('%s', (_name, state, found, stops) => {
  expect(isEmergencyStop(state, found)).toBe(stops);
});
