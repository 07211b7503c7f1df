import { join } from 'node:path';
import type { AwsEmulator } from './aws/emulator';
import { type StateFolder, writeWhole } from './process/state-folder';
import type { TemporalServer } from './temporal/server';

/**
 * Points this process, and so its children, at the sandbox alone: removes the shell's settings for a real AWS account, so
 * that nothing here can ever reach one.
 */
export function useSandboxAws({ endpoint, configFile, credentialsFile }: AwsEmulator): void {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_CONFIG_FILE: configFile,
    AWS_SHARED_CREDENTIALS_FILE: credentialsFile,
    AWS_EC2_METADATA_DISABLED: 'true',
    // Hides a note about future Node versions, which would distract a newcomer.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  });
  withoutProxy();
}

/** A server in TEMPORAL_ADDRESS keeps the shell's whole configuration: it may need TLS or a key. */
export function useSandboxTemporal({ address, namespace, from }: TemporalServer, folder: StateFolder): void {
  if (from === 'TEMPORAL_ADDRESS') return;
  for (const name of Object.keys(process.env)) if (name.startsWith('TEMPORAL_')) delete process.env[name];
  const file = join(folder.path, 'temporal.toml');
  writeWhole(file, `[profile.default]\naddress = "${address}"\nnamespace = "${namespace}"\n`);
  Object.assign(process.env, { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace, TEMPORAL_CONFIG_FILE: file });
  withoutProxy();
}

function withoutProxy(): void {
  const loopback = ['127.0.0.1', 'localhost'];
  for (const name of ['NO_PROXY', 'no_proxy']) {
    const given = (process.env[name] ?? '').split(',').filter((host) => host !== '' && !loopback.includes(host));
    process.env[name] = [...given, ...loopback].join(',');
  }
}
