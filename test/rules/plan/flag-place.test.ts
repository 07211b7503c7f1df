import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { PAVI_KEYS } from '../../../pavi/flag';
import { flagPlaceIn } from '../../../rules/plan/flag-place';

const PAVI = readFileSync(resolve(__dirname, '../../../plans/pavi.yaml'), 'utf8');
const prod = {
  service: 'pavi',
  aws: { account: '100225593120', region: 'us-east-1' },
  flag: {
    parameter: '/pavi/prod/step-functions-rollout',
    salt: 'pavi-prod',
    format: PAVI_KEYS,
    sides: { new: 'Step Functions', old: 'Nextflow' },
  },
};

it.each([
  ['the plan as it is', PAVI],
  ['steps that fall', PAVI.replace('percentage: 25', 'percentage: 5')],
  ['a key that nobody knows', `${PAVI}\nsurprise: 1\n`],
  ['no steps, no watch', PAVI.replace(/\nsteps:[^]*?\ninfrastructure:/, '\ninfrastructure:')],
  ['another environment that is wrong', PAVI.replace('name: dev', 'name: 7')],
])('finds the flag of prod in %s', (_name, text) => {
  expect(flagPlaceIn(text, 'prod')).toEqual(prod);
});

it.each([
  ['an environment it does not name', PAVI, 'qa'],
  ['a parameter that is none', PAVI.replace('/pavi/{env}/step', 'pavi {env} step'), 'prod'],
  ['an account that is none', PAVI.replaceAll("'100225593120'", '100225593120'), 'prod'],
  // In a guessed format the API would not find the 0.
  ['keys that are none', PAVI.replace('percentage: STEP_FUNCTIONS_ROLLOUT_PERCENTAGE', 'percentage: 7'), 'prod'],
  ['text that is no YAML', 'service: [', 'prod'],
  ['nothing', '', 'prod'],
])('finds none by %s', (_name, text, environment) => {
  expect(flagPlaceIn(text, environment)).toBeUndefined();
});
