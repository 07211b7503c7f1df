import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { createFlagActions } from '../../activities/act/flags';
import { createAwsFor } from '../../activities/aws';
import { readParameter } from '../../activities/observe/flags';
import { parseFlags, route } from '../../flags';
import { freshAccount } from '../helpers/accounts';
import { activityEnvironment } from '../helpers/activity-environment';

const ROOT = join(__dirname, '../..');
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
        cwd: join(ROOT, 'flags/python'),
        // Jest's own, where the helper has put the emulator's profiles.
        env: process.env,
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
    flag: { parameter: PARAMETER, salt: 'pavi-prod' },
    percentage: 25,
    writer: 'rollout-pavi-prod/run-1',
    reason: 'test',
    generation: 1,
  });
  const parsed = parseFlags((await readParameter(awsFor, aws, PARAMETER, AbortSignal.timeout(30_000))) ?? '');
  if (!parsed.ok) throw new Error(parsed.why);
  const { source, backends } = read();
  expect([source, new Set(backends).size]).toEqual(['parameter', 2]);
  expect(backends).toEqual(JOBS.map((job) => route(job, parsed.document)));
});
