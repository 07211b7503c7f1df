import { PAVI_KEYS } from '../../../pavi/flag';
import { FLAG_SHAPE, PLAN_SHAPE, shapeProblem } from '../../../rules/plan/shape';
import { aPlan, theFallback } from '../../helpers/samples/plans';

const flag = { parameter: '/shop/prod/flag', salt: 'shop-prod' };

it.each<[unknown]>([[undefined], ['number'], [{ percentage: 'P' }], [PAVI_KEYS]])(
  'the input of a workflow may have a flag of format %j',
  (format) => expect(shapeProblem({ ...flag, format }, FLAG_SHAPE, 'flag')).toBeUndefined(),
);

it.each<[unknown, RegExp]>([
  ['document', /^flag\.format is a string instead of "number"$/],
  [null, /^flag\.format is null instead of "number"$/],
  [7, /^flag\.format is a number/],
  [{}, /^flag\.format\.percentage is missing instead of a string$/],
  [{ percentage: 'P', switches: [{ name: 'S' }] }, /^flag\.format\.switches\[0\]\.whileOff is missing/],
  [{ percentage: 'P', switches: {} }, /^flag\.format\.switches is an? \S+ instead of a list$/],
  [['P'], /^flag\.format is a list instead of an object$/],
])('and none of format %j, with which a 0 would be written that nobody reads', (format, problem) =>
  expect(shapeProblem({ ...flag, format }, FLAG_SHAPE, 'flag')).toMatch(problem),
);

it('a plan with a fallback needs its name and checks', () => {
  expect(shapeProblem(aPlan(theFallback), PLAN_SHAPE, 'plan')).toBeUndefined();
  const fallback = { name: 'v1' } as never;
  expect(shapeProblem(aPlan({ fallback }), PLAN_SHAPE, 'plan')).toMatch(/^plan\.fallback\.checks is missing/);
});
