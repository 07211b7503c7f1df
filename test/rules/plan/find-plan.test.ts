import { dirname, resolve } from 'node:path';
import { findPlan, namedPlan, type PlanFolders } from '../../../rules/plan/find-plan';

/** Files by their absolute paths; a folder is a name that ends in `/`. */
const tree = (files: Readonly<Record<string, string>>): PlanFolders => ({
  above: dirname,
  resolve,
  isFile: (path) => path in files,
  read: (path) => {
    const text = files[path];
    if (text === undefined || text === 'unreadable') throw new Error('EACCES');
    return text;
  },
});

const PLAN = 'version: 1\nservice: shop\n';

describe('the plan of a folder', () => {
  it.each<[string, Readonly<Record<string, string>>, string, string]>([
    ['is in it', { '/a/rollout.yaml': PLAN }, '/a', '/a/rollout.yaml'],
    ['is above it', { '/a/rollout.yaml': PLAN }, '/a/b/c', '/a/rollout.yaml'],
    ['is at the top', { '/rollout.yaml': PLAN }, '/a/b', '/rollout.yaml'],
    ['is the nearest one', { '/a/rollout.yaml': PLAN, '/a/b/rollout.yaml': PLAN }, '/a/b/c', '/a/b/rollout.yaml'],
    ['is not beside it', { '/a/rollout.yaml': PLAN, '/b/rollout.yaml': PLAN }, '/b', '/b/rollout.yaml'],
    [
      'is the one that is named, relative to the file',
      { '/a/rollout.yaml': 'plan: plans/x.yaml # ours', '/a/plans/x.yaml': PLAN },
      '/a/b',
      '/a/plans/x.yaml',
    ],
    [
      'is named through another file',
      { '/a/b/rollout.yaml': 'plan: ../rollout.yaml', '/a/rollout.yaml': '{"plan": "x.yaml"}', '/a/x.yaml': PLAN },
      '/a/b',
      '/a/x.yaml',
    ],
    [
      'is named with keys of another tool beside it',
      { '/a/rollout.yaml': 'x-team: shop\nplan: x.yaml', '/a/x.yaml': PLAN },
      '/a',
      '/a/x.yaml',
    ],
    ['may be broken: its reader says how', { '/a/rollout.yaml': 'service: "shop\nplan: x' }, '/a', '/a/rollout.yaml'],
    ['may be unreadable: its reader says why', { '/a/rollout.yaml': 'unreadable' }, '/a', '/a/rollout.yaml'],
    ['may be empty', { '/a/rollout.yaml': '' }, '/a', '/a/rollout.yaml'],
    ['may speak of a plan', { '/a/rollout.yaml': `# plan: x.yaml\n${PLAN}` }, '/a', '/a/rollout.yaml'],
  ])('%s', (_case, files, folder, path) => {
    expect(findPlan(folder, tree(files))).toEqual({ ok: true, path });
  });

  it.each<[string, Readonly<Record<string, string>>, RegExp, RegExp]>([
    ['there is none', {}, /no rollout\.yaml in \/a\/b or in a folder above it/, /`rollout init`, or .* --plan FILE/],
    [
      'the named one is missing',
      { '/a/rollout.yaml': 'plan: plans/x.yaml' },
      /plan \/a\/plans\/x\.yaml, which \/a\/rollout\.yaml names, is not there/,
      /correct `plan:` in \/a\/rollout\.yaml/,
    ],
    [
      'two name each other',
      { '/a/rollout.yaml': 'plan: x.yaml', '/a/x.yaml': 'plan: rollout.yaml' },
      /\/a\/rollout\.yaml → \/a\/x\.yaml → \/a\/rollout\.yaml name each other/,
      /write the path of a plan/,
    ],
    ['nothing is named', { '/a/rollout.yaml': 'plan:' }, /has no path after `plan:`/, /such as `plan: plans/],
    ['what is named is a list', { '/a/rollout.yaml': 'plan: [x.yaml]' }, /has no path after `plan:`/, /such as/],
    [
      'a file is both',
      { '/a/rollout.yaml': `plan: x.yaml\n${PLAN}`, '/a/x.yaml': PLAN },
      /keys of a plan itself: version, service/,
      /remove `plan:`, or everything else/,
    ],
  ])('is not found, and the reason and a remedy are named: %s', (_case, files, why, remedy) => {
    expect(findPlan('/a/b', tree(files))).toEqual({
      ok: false,
      why: expect.stringMatching(why) as string,
      remedy: expect.stringMatching(remedy) as string,
    });
  });

  it('may be named by hand through a file that names another', () => {
    const files = tree({ '/a/x.yaml': 'plan: y.yaml', '/a/y.yaml': PLAN });
    expect(namedPlan('/a/x.yaml', files)).toEqual({ ok: true, path: '/a/y.yaml' });
    expect(namedPlan('/a/missing.yaml', files)).toEqual({ ok: true, path: '/a/missing.yaml' });
  });
});
