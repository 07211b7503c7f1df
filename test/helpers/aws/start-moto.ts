import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../../sandbox/process/free-port';

const READY_WITHIN_MS = 60_000;

/** A second AWS emulator, moto, for what MiniStack lacks. Nothing of it is kept. */
export async function startMoto(): Promise<{ readonly endpoint: string; readonly stop: () => Promise<void> }> {
  const port = await freePort();
  const server = resolve('.sandbox/venv-aws/bin/moto_server');
  const child = spawn(server, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  const endpoint = `http://127.0.0.1:${port}`;
  const deadlineMs = Date.now() + READY_WITHIN_MS;
  while (!(await askSsm(endpoint))) {
    if (child.exitCode !== null) throw new Error(`moto ended with ${child.exitCode}`);
    if (Date.now() > deadlineMs) throw new Error(`moto did not answer within ${READY_WITHIN_MS} ms`);
    await sleep(100);
  }
  return { endpoint, stop: async () => (child.kill(), await ended, undefined) };
}

/** It loads a service at the first request for it, which may take longer than a client waits. */
async function askSsm(endpoint: string): Promise<boolean> {
  const scope = 'Credential=test/20260101/us-east-1/ssm/aws4_request, SignedHeaders=host, Signature=0';
  const headers = {
    authorization: `AWS4-HMAC-SHA256 ${scope}`,
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'AmazonSSM.DescribeParameters',
  };
  const answer = await fetch(endpoint, { method: 'POST', headers, body: '{}' }).catch(() => undefined);
  return answer?.ok === true;
}
