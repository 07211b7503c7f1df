import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pasteable } from '../../../client/terminal/hints';

const ROOT = resolve(__dirname, '../../..');
const by = { environment: 'prod', options: {} };

describe('a hint as it is printed', () => {
  it.each<[string, object, string]>([
    ['run `rollout doctor`', {}, 'run `npx rollout doctor prod`'],
    ['run `rollout doctor staging` first', { plan: 'x.yaml' }, 'run `npx rollout doctor staging --plan x.yaml` first'],
    ['`rollout rollback --to infra`', { sandbox: true }, '`npx rollout rollback prod --to infra --sandbox`'],
    [
      '`rollout flags set --percentage 0 --break-glass`',
      { profile: 'cloud' },
      '`npx rollout flags set prod --percentage 0 --break-glass --profile cloud`',
    ],
    ['`start-rollout prod`', { plan: 'my plan.yaml' }, "`npx start-rollout prod --plan 'my plan.yaml'`"],
    ['`rollout list --all`', {}, '`npx rollout list --all`'],
    ['`rollout init`, or --plan', { plan: 'x.yaml' }, '`npx rollout init`, or --plan'],
    ['`npx rollout abort prod`; `rollout`; a rollout', {}, '`npx rollout abort prod`; `rollout`; a rollout'],
    ['`npm run worker` or `npm start`', {}, '`npm run worker` or `npm start`'],
  ])('%s, with %j', (text, options, printed) => {
    expect(pasteable(text, { environment: 'prod', options }, ROOT)).toBe(printed);
    expect(pasteable(printed, { environment: 'prod', options }, ROOT)).toBe(printed);
  });

  it('leaves out what nobody typed', () =>
    expect(pasteable('`rollout status`', { environment: undefined, options: {} }, ROOT)).toBe('`npx rollout status`'));

  describe('outside this repository', () => {
    let folder: string;
    beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'rollout-hints-'))));
    afterEach(() => rmSync(folder, { recursive: true }));

    it('runs the file, since npx would not find it there', () => {
      // By the shorter path: from the folder, or the whole one.
      const fileIn = (hint: string): string =>
        resolve(folder, /^`node (\S+) doctor prod`$/.exec(hint)?.[1] ?? 'no file');
      const file = join(ROOT, 'client/bin/rollout.cjs');
      expect(fileIn(pasteable('`rollout doctor`', by, folder))).toBe(file);
      writeFileSync(join(folder, 'package.json'), '{}');
      expect(fileIn(pasteable('`rollout doctor`', by, folder))).toBe(file);
      expect(pasteable('`npm run worker`', by, folder)).toBe(`\`npm --prefix ${ROOT} run worker\``);
    });

    it('is for npx where the package is installed, also in a folder below', () => {
      mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true });
      writeFileSync(join(folder, 'node_modules/.bin/rollout'), '');
      mkdirSync(join(folder, 'a/b'), { recursive: true });
      for (const at of [folder, join(folder, 'a/b')])
        expect(pasteable('`rollout doctor`', by, at)).toBe('`npx rollout doctor prod`');
    });
  });
});
