import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { createCallerVerification } from '../../../activities/observe/identity/verify-caller';
import { program } from '../../../client/program/program';
import type { CliError } from '../../../client/terminal/cli-error';
import { resumeSignal } from '../../../workflows/messages';
import type { FakeAws } from '../../helpers/aws/fake-aws';
import { verbsHere } from '../../helpers/temporal/verbs-here';
import { until } from '../../helpers/until';
import { editedText } from '../../rules/plan/broken-plan';

/** Names the role that the key id names. That signatures are checked, test/aws/observe/identity shows. */
const sts = createServer((request, response) => {
  const key = /Credential=(\w+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const arn = `arn:aws:sts::111122223333:assumed-role/${key}/someone`;
  response.setHeader('content-type', 'text/xml');
  response.end(
    `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>${arn}</Arn><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`,
  );
});
const here = verbsHere();
const before = { ...process.env };
let aws: FakeAws;
let folder = '';
const role = (name: string): string => `arn:aws:iam::111122223333:role/${name}`;

beforeAll(async () => {
  await new Promise<void>((done) => sts.listen(0, '127.0.0.1', done));
  folder = mkdtempSync(join(tmpdir(), 'identity-'));
  const document = parseDocument(editedText());
  const permissions = { raise: [role('ReleaseOfProd')], approve: [role('ReleaseOfProd')] };
  document.setIn(['permissions'], document.createNode(permissions));
  const other = { raise: [role('Other')], approve: [] };
  document.setIn(['environments', 1, 'permissions'], document.createNode(other));
  writeFileSync(join(folder, 'rollout.yaml'), document.toString());
  process.env['AWS_ENDPOINT_URL_STS'] = `http://127.0.0.1:${(sts.address() as AddressInfo).port}`;
  process.env['AWS_SECRET_ACCESS_KEY'] = 'secret';
  aws = here.rig.aws();
});
afterAll(() => {
  const { TEMPORAL_ADDRESS: address } = process.env;
  process.env = { ...before, TEMPORAL_ADDRESS: address };
  sts.close();
  rmSync(folder, { recursive: true });
});

/** Types a verb with the credentials of a role. */
async function typed(key: string, ...words: readonly string[]): Promise<number | CliError> {
  process.env['AWS_ACCESS_KEY_ID'] = key;
  let code = -1;
  const whole = [...words, '--plan', join(folder, 'rollout.yaml'), '--json'];
  const run = program('rollout', (exitCode) => (code = exitCode), words).parseAsync(whole, { from: 'user' });
  return run.then(
    () => code,
    (error: unknown) => error as CliError,
  );
}

it('a person with the right role starts, resumes, and is known by it; the Web UI resumes nothing', () =>
  here.rig.runWith({ ...aws.activities(), ...createCallerVerification() }, async () => {
    const KEY = 'ReleaseOfProd';
    expect(await typed(KEY, 'whoami', 'dev')).toBe(0);
    expect(here.said[0]).toMatchObject({
      person: role(KEY),
      rights: [
        { right: 'raise', may: true },
        { right: 'approve', may: true },
      ],
    });
    expect(await typed(KEY, 'start', 'dev', '--reason', 'release')).toBe(0);
    const { workflowId } = here.said[1] as { readonly workflowId: string };
    const handle = here.rig.remember(here.rig.env.client.workflow.getHandle(workflowId));
    await until(() => aws.percentages().length === 1, 'it is raised');
    expect(await typed(KEY, 'pause', 'dev')).toBe(0);
    await handle.signal(resumeSignal);
    expect(await typed(KEY, 'status', 'dev')).toBe(0);
    expect(here.said.at(-1)).toMatchObject({ phase: 'paused', startedBy: role(KEY) });
    expect(JSON.stringify(here.said.at(-1))).toMatch(/has no proof of who sent it/);
    expect(await typed(KEY, 'resume', 'dev')).toBe(0);
    expect(JSON.stringify(here.said.at(-1))).not.toMatch(/Signature=|secret/);
    expect(await typed(KEY, 'abort', 'dev')).toBe(0);
    await handle.result();
  }));

it('somebody else is refused, with who it is and who may, and nothing is raised', () =>
  here.rig.runWith({ ...aws.activities(), ...createCallerVerification() }, async () => {
    const error = await typed('ReleaseOfProd', 'start', 'staging');
    expect(error).toMatchObject({ exitCode: 3, facts: { rule: 'permission' } });
    expect(String((error as CliError).message)).toContain(
      `assumed-role/ReleaseOfProd/someone may not start: environments[1].permissions.raise of the plan names ${role('Other')}`,
    );
    expect(await typed('ReleaseOfProd', 'status', 'staging')).toBe(0);
    expect(here.said.at(-1)).toMatchObject({ outcome: { outcome: 'refused' } });
  }));
