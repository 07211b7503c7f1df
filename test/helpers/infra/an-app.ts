import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type AppProps } from 'aws-cdk-lib';

const folder = mkdtempSync(join(tmpdir(), 'rollout-cdk-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A CDK app whose output is removed after the test file: without `outdir` each one leaves a folder in the temporary folder of the system. */
export const anApp = (props: AppProps = {}): App => new App({ ...props, outdir: mkdtempSync(join(folder, 'out-')) });
