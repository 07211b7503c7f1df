import { Gathering } from '../../../activities/observe/gather';

it('counts who asks, however often and for whatever time, and answers each question for itself', async () => {
  const client = {};
  const requests: (readonly number[])[] = [];
  const gathering = new Gathering<object, { readonly who: string; readonly atMs: number }, number>({
    most: 100,
    idOf: ({ who }) => who,
    ask: async (_client, keys) => {
      requests.push(keys.map(({ atMs }) => atMs));
      return keys.map(({ atMs }) => atMs);
    },
  });
  for (const atMs of [1, 2, 3]) {
    const both = ['a', 'b'].map((who) => gathering.ask(client, { who, atMs }));
    expect(await Promise.all(both)).toEqual([atMs, atMs]);
  }
  // Two of the same one within a moment are two questions.
  const later = [4, 5].map((atMs) => gathering.ask(client, { who: 'a', atMs }));
  expect(await Promise.all(later)).toEqual([4, 5]);
  expect(gathering.countOf(client)).toBe(2);
  expect(requests).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 5],
  ]);
});
