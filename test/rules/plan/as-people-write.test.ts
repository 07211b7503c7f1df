import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkPlan } from '../../../rules/plan/plan';
import { fileText } from '../../../rules/plan/file-text';
import { flagPlaceIn } from '../../../rules/plan/flag-place';
import { planJsonSchema } from '../../../rules/plan/json-schema';
import { planHash } from '../../../rules/plan/plan-hash';
import { environmentPlan } from '../../../rules/plan/resolve';
import { PLANS } from './broken-plan';

const SANDBOX = readFileSync(join(PLANS, 'sandbox.yaml'), 'utf8');

function planOf(text: string, environment = 'prod') {
  const checked = checkPlan(text);
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  const resolved = environmentPlan(checked.plan, environment);
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
  return resolved.plan;
}
const hashOf = (text: string): string => planHash(planOf(text));
const problemsOf = (text: string) => {
  const checked = checkPlan(text);
  return checked.ok ? [] : checked.problems;
};

describe('merge keys', () => {
  it('make prod like staging with one difference', () => {
    const merged = SANDBOX.replace(
      'verification: *verification\n',
      'verification: { <<: *verification, monitor: 5m }\n',
    );
    expect(merged).not.toBe(SANDBOX);
    expect(planOf(merged).verification).toEqual({ ...planOf(SANDBOX).verification, monitorMs: 300_000 });
  });

  it('take several mappings, the first of them first, and the own keys before all', () => {
    const text = SANDBOX.replace(
      'verification: *verification\n',
      'verification: { <<: [{ monitor: 7m }, *verification, { monitor: 9m }] }\n',
    );
    expect(planOf(text).verification.monitorMs).toBe(420_000);
  });

  it('lead to the place where a wrong value is written', () => {
    const anchors = 'x-wrong: &wrong\n  monitor: soon\n';
    const text = SANDBOX.replace('verification: *verification\n', 'verification: { <<: [*wrong, *verification] }\n');
    const [problem] = problemsOf(text.replace('service: pavi\n', `service: pavi\n${anchors}`));
    const lines = text.split('\n').findIndex((line) => line.startsWith('service:'));
    expect(problem).toMatchObject({
      value: 'soon',
      line: lines + 3,
      path: expect.stringMatching(/verification\.monitor$/),
    });
  });

  it.each(['<<: 7', '<<: [1]', '<<: *nobody'])('that merge no mapping are reported: %s', (wrong) => {
    const text = SANDBOX.replace('verification: *verification\n', `verification: { ${wrong} }\n`);
    expect(problemsOf(text)).toEqual([expect.objectContaining({ problem: expect.stringContaining('not valid YAML') })]);
  });

  it('are read by break-glass too, from a plan that is broken elsewhere', () => {
    const text = SANDBOX.replace('interval: 1s', 'interval: soon').replace(
      /aws: (\{ account: '333333333333'.*?\})/,
      'aws: { <<: $1, region: eu-west-1 }',
    );
    expect(flagPlaceIn(text, 'prod')?.aws).toMatchObject({ account: '333333333333', region: 'eu-west-1' });
  });
});

describe('x-… keys', () => {
  const hours = "x-hours: &hours [{ zone: America/New_York, days: [Tue], from: '10:00', to: '14:00' }]\n";

  it('hold what anchors share, at the top and in every mapping', () => {
    const text = SANDBOX.replace('service: pavi\n', `service: pavi\n${hours}`).replaceAll(
      'windows: anytime',
      'windows: *hours',
    );
    expect(planOf(text).windows).toHaveLength(1);
    const inside = SANDBOX.replace('interval: 1s', 'interval: 1s\n  x-note: { anything: [at all] }');
    expect(inside).not.toBe(SANDBOX);
    expect(planOf(inside)).toEqual(planOf(SANDBOX));
  });

  it('are no part of what is approved', () => {
    const changed = SANDBOX.replace('service: pavi\n', `service: pavi\n${hours}x-owner: ada\n`);
    expect(hashOf(changed)).toBe(hashOf(SANDBOX));
    expect(hashOf(changed.replace('x-owner: ada', 'x-owner: bob'))).toBe(hashOf(SANDBOX));
  });

  it('change what is approved where they are merged into it', () => {
    const text = (monitor: string): string =>
      SANDBOX.replace(
        'service: pavi\n',
        `service: pavi\nx-longer: &longer { monitor: ${monitor}, x-why: "?" }\n`,
      ).replace('verification: *verification\n', 'verification: { <<: [*longer, *verification] }\n');
    expect(planOf(text('5m')).verification.monitorMs).toBe(300_000);
    expect(hashOf(text('5m'))).not.toBe(hashOf(text('6m')));
  });

  it('are still unknown where a letter is wrong', () =>
    expect(problemsOf(SANDBOX.replace('service: pavi\n', 'service: pavi\nxhours: 1\n'))).toMatchObject([
      { path: 'xhours', problem: 'unknown key' },
    ]));

  it('are known to editors wherever other keys are not', () => {
    const closed: unknown[] = [];
    const visit = (node: unknown): void => {
      if (typeof node !== 'object' || node === null) return;
      if ((node as { additionalProperties?: unknown }).additionalProperties === false)
        closed.push((node as { patternProperties?: unknown }).patternProperties);
      Object.values(node).forEach(visit);
    };
    visit(planJsonSchema());
    expect(closed.length).toBeGreaterThan(30);
    expect(new Set(closed.map((one) => JSON.stringify(one)))).toEqual(new Set(['{"^x-":{},"^<<$":{}}']));
  });
});

describe('the text of a file', () => {
  const utf16 = (text: string, mark: boolean): Buffer => Buffer.from((mark ? '\ufeff' : '') + text, 'utf16le');

  it('is UTF-8, with or without its mark', () => {
    for (const mark of ['', '\ufeff']) {
      const { text, problem } = fileText(Buffer.from(mark + SANDBOX));
      expect([problem, hashOf(text)]).toEqual([undefined, hashOf(SANDBOX)]);
    }
  });

  it.each([true, false])(
    'that is UTF-16 has a message of its own, and can be read in an emergency (mark: %s)',
    (mark) => {
      for (const bytes of [utf16(SANDBOX, mark), utf16(SANDBOX, mark).swap16()]) {
        const { text, problem } = fileText(bytes);
        expect(problem).toMatch(/^UTF-16.*save it as UTF-8$/);
        expect(flagPlaceIn(text, 'prod')).toEqual(flagPlaceIn(SANDBOX, 'prod'));
      }
    },
  );

  it('that is no UTF-8 is reported with the first wrong byte', () => {
    const bytes = Buffer.from('contact: Müller', 'latin1');
    expect(fileText(bytes)).toEqual({
      text: 'contact: M\ufffdller',
      problem: 'not UTF-8, see byte 11: save it as UTF-8',
    });
    expect(fileText(Buffer.from('ü').subarray(0, 1)).problem).toContain('byte 1:');
    expect(fileText(Buffer.from(''))).toEqual({ text: '' });
  });
});
