import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { AwsTarget } from '../../rules/plan/environment-plan';
import { startChild } from '../process/child-process';
import { freePort } from '../process/free-port';
import { UserError } from '../process/user-error';
import type { ServerPlace } from '../temporal/server';
import { writeSfnMockConfig } from '../pipeline/mock-responses';
import { PYTHON, writeWhole } from '../process/state-folder';

export interface AwsEmulator {
  readonly endpoint: string;
  /** Shared configuration of the AWS SDK and CLI: one profile for each environment. */
  readonly configFile: string;
  readonly credentialsFile: string;
  readonly stop: () => Promise<void>;
}

const LOOPBACK = '127.0.0.1';

/** MiniStack on a free loopback port, and profiles whose access key id is the account, by which it separates accounts. */
export async function startAwsEmulator(place: ServerPlace, targets: readonly AwsTarget[]): Promise<AwsEmulator> {
  if (!existsSync(PYTHON)) throw new UserError('The AWS emulator is not installed. Run `npm run setup`.');
  const port = await freePort();
  const endpoint = `http://${LOOPBACK}:${port}`;
  const profiles = writeProfiles(place.folder.path, targets);
  const child = await startChild({
    name: 'aws-emulator',
    command: [PYTHON, '-m', 'ministack'],
    cwd: place.folder.path,
    env: {
      ...process.env,
      BIND_HOST: LOOPBACK,
      // Listens on every interface, whatever BIND_HOST says.
      IOT_MTLS_ENABLED: '0',
      // As in Lambda's own runtime for Node, which includes the AWS SDK.
      NODE_PATH: resolve(require.resolve('@aws-sdk/client-ssm/package.json'), '../../..'),
      GATEWAY_PORT: String(port),
      ...writeSfnMockConfig(join(place.folder.path, 'sfn-mock.json')),
      S3_DATA_DIR: join(place.folder.path, 's3'),
      PYTHONUNBUFFERED: '1',
    },
    logs: place.folder.logs,
    processes: place.processes,
    isReady: async () => (await fetch(`${endpoint}/_ministack/health`)).ok,
    onUnexpectedEnd: place.onUnexpectedEnd,
  });
  return { endpoint, ...profiles, stop: child.stop };
}

function writeProfiles(
  folder: string,
  targets: readonly AwsTarget[],
): Pick<AwsEmulator, 'configFile' | 'credentialsFile'> {
  const named = targets.flatMap(({ profile, account, region }) =>
    profile === undefined ? [] : [{ profile, account, region }],
  );
  const configFile = join(folder, 'aws-config');
  const credentialsFile = join(folder, 'aws-credentials');
  writeWhole(configFile, named.map(({ profile, region }) => `[profile ${profile}]\nregion = ${region}\n`).join('\n'));
  writeWhole(
    credentialsFile,
    named
      .map(({ profile, account }) => `[${profile}]\naws_access_key_id = ${account}\naws_secret_access_key = sandbox\n`)
      .join('\n'),
  );
  return { configFile, credentialsFile };
}
