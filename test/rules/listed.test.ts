import { addingWords, missingOf } from '../../rules/listed';

const attributes = [
  { name: 'RolloutPhase', type: 'KEYWORD' },
  { name: 'RolloutPercentage', type: 'DOUBLE' },
];

/** As Temporal answers a query in a namespace that has these. */
const namespaceWith =
  (...names: readonly string[]) =>
  async (query: string): Promise<number> => {
    const unknown = [...query.matchAll(/(\w+) IS NULL/g)].find(([, name = '']) => !names.includes(name));
    if (unknown !== undefined) throw Object.assign(new Error('refused'), { cause: { code: 3 } });
    return 0;
  };

it.each([
  [[], ['RolloutPhase', 'RolloutPercentage']],
  [['RolloutPhase'], ['RolloutPercentage']],
  [['RolloutPhase', 'RolloutPercentage'], []],
])('a namespace with %j lacks %j', async (there, missing) => {
  expect(await missingOf(attributes, namespaceWith(...there))).toEqual(missing);
});

it('what Temporal does not answer is not known', async () => {
  const silent = (): Promise<never> => Promise.reject(Object.assign(new Error('no answer'), { cause: { code: 14 } }));
  await expect(missingOf(attributes, silent)).rejects.toThrow('no answer');
});

it('the commands name what is missing, its type and the namespace', () => {
  expect(addingWords(attributes, ['RolloutPercentage'], 'team-a')).toBe(
    '`temporal operator search-attribute create --namespace team-a --name RolloutPercentage --type Double`, ' +
      'in Temporal Cloud `tcld namespace search-attributes add --namespace team-a --sa RolloutPercentage=Double`',
  );
});
