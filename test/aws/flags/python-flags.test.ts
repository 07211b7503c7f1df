import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { createFlagActions } from '../../../activities/act/flag/flags';
import { createAwsFor } from '../../../activities/aws';
import { readParameter } from '../../../activities/observe/flag/flags';
import { formatFlags, parseFlags, route } from '../../../flags';
import { zeroOver } from '../../../flags/zero';
import { freshAccount } from '../../helpers/aws/accounts';
import { activityEnvironment } from '../../helpers/activity-environment';
import { foreignText, numbers } from '../../helpers/samples/foreign-texts';

const ROOT = join(__dirname, '../../..');
const PARAMETER = '/pavi/prod/step-functions-rollout';
const JOBS = Array.from({ length: 50 }, (_, index) => `job-${index}`);

// The emulator's Python has botocore, of which a client of boto3 is made.
const SCRIPT = `
import json, sys
from botocore.session import Session
from pavi_flags import FlagReader
given = json.load(sys.stdin)
client = Session(profile=given["profile"]).create_client("ssm", region_name=given["region"])
reader = FlagReader(given["parameter"], client=client)
reading = reader.refresh()
print(json.dumps({"source": reading.source, "why": reading.why, "backends": [reader.route(job) for job in given["jobs"]]}))
`;

it('the Python reader follows what the orchestrator writes to SSM, and says when there is nothing', async () => {
  const aws = freshAccount();
  const read = (): { readonly source: string; readonly why: string; readonly backends: readonly string[] } =>
    JSON.parse(
      execFileSync(join(ROOT, '.sandbox/venv-aws/bin/python'), ['-B', '-c', SCRIPT], {
        cwd: join(ROOT, 'pavi/python'),
        // Jest's own, where the helper has put the emulator's profiles.
        env: { ...process.env, PYTHONPATH: join(ROOT, 'flags/python') },
        encoding: 'utf8',
        input: JSON.stringify({ profile: aws.profile, region: aws.region, parameter: PARAMETER, jobs: JOBS }),
      }),
    );
  const nothing = read();
  expect(nothing).toMatchObject({ source: 'fallback', backends: JOBS.map(() => 'nextflow') });
  expect(nothing.why).toContain('ParameterNotFound');

  const awsFor = createAwsFor();
  await activityEnvironment().run(createFlagActions(awsFor).setTraffic, {
    aws,
    flag: { parameter: PARAMETER, salt: 'pavi-prod', format: PAVI_KEYS },
    percentage: 25,
    writer: 'rollout-pavi-prod/run-1',
    reason: 'test',
    generation: 1,
  });
  const parsed = parseFlags(
    (await readParameter(awsFor, aws, PARAMETER, AbortSignal.timeout(30_000))) ?? '',
    PAVI_KEYS,
  );
  if (!parsed.ok) throw new Error(parsed.why);
  const { source, backends } = read();
  expect([source, new Set(backends).size]).toEqual(['parameter', 2]);
  expect(backends).toEqual(JOBS.map((job) => route(job, parsed.document, PAVI_SIDES)));
});

// One document a line: none has a line break in it.
const READ_ALL = `
import json, sys
from pavi_flags import parse_flags
for line in sys.stdin:
    document = parse_flags(line)
    print(json.dumps([document.percentage, document.reason]))
`;
import { PAVI_KEYS, PAVI_SIDES } from '../../../pavi/flag';

it('the Python reader reads every document that can be written, whatever the reason says', () => {
  const next = numbers(23);
  const texts = Array.from({ length: 100_000 }, () => foreignText(next));
  const order = { writer: 'break-glass by ada', salt: 'pavi-prod', above: 3, nowMs: 1_800_000_000_000 };
  const written = texts.map((reason) =>
    formatFlags(zeroOver(undefined, { ...order, reason, format: PAVI_KEYS }), PAVI_KEYS),
  );
  const lines = execFileSync(join(ROOT, '.sandbox/venv-aws/bin/python'), ['-B', '-c', READ_ALL], {
    cwd: join(ROOT, 'pavi/python'),
    env: { ...process.env, PYTHONPATH: join(ROOT, 'flags/python') },
    encoding: 'utf8',
    input: written.join('\n'),
    maxBuffer: 2 ** 30,
  });
  const read = lines.trimEnd().split('\n');
  expect(read).toHaveLength(texts.length);
  const wrong = read.findIndex((line, index) => {
    const [percentage, reason] = JSON.parse(line) as [number, string];
    const parsed = parseFlags(written[index] ?? '', PAVI_KEYS);
    return percentage !== 0 || !parsed.ok || reason !== parsed.document.reason;
  });
  expect([wrong, texts[wrong]]).toEqual([-1, undefined]);
});
