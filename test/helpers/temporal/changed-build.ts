/** The program of a worker process whose workflow code differs from this checkout's: `changed-build.ts KIND`. */
import { keptBundle } from '../../../worker/bundle';
import { workerProcess } from '../../../worker/process';

/** What makes each build of this checkout's code: a place in the bundle, and what is there instead. */
const CHANGES: Readonly<Record<string, readonly [place: RegExp, text: string]>> = {
  /** Does the same, and words one entry of the log otherwise. */
  next: [/(?<=% written and read back)(?=`)/, ' by the next build'],
  /** Fails in every task of a rollout. */
  failing: [/(?<=async function rollout\(input,\s*carried\)\s*\{)/, " throw new Error('a defect of this build');"],
  /** Has a timer where the present code has none. */
  reordered: [
    /(?=for\(;;\)\{\s*\(0,_diagnosis\w+\.startDiagnosis)/,
    'await _temporalio_workflow__WEBPACK_IMPORTED_MODULE_1__.sleep(1); ',
  ],
};

async function main(): Promise<void> {
  const { code } = await keptBundle();
  const kind = process.argv[2] ?? '';
  const [place, text] = CHANGES[kind] ?? [/^/, ''];
  if (!place.test(code)) throw new Error(`the bundle no longer has the place that the build "${kind}" changes`);
  workerProcess({ workflowBundle: { code: code.replace(place, () => text) } });
}

void main();
