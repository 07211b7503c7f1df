import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { BAD_INPUT_EXIT_CODE } from '../../infra/pavi/job-commands';
import { pipelineNames } from '../../infra/pavi/names';
import { NOT_PRESENT } from '../api/job-view';

/**
 * What the Batch containers would have done. The emulator has no containers, so it answers `batch:submitJob.sync` from a
 * file of prepared answers, in the format of AWS Step Functions Local. Each execution names its case at its start, by
 * `{stateMachineArn}#{case}`.
 *
 * Measured with MiniStack 1.5.33: the file is read once, when the emulator starts; state machines are known by name, in
 * every account alike. A case decides how a state ends for good: the answer is chosen before the first attempt, and all
 * retries of that state get it again, so `"0": Throw, "1": Return` does not recover on a retry. The waits between retries
 * are real, and multiplied by SFN_WAIT_SCALE: with the pipeline's two retries of 2 s and 4 s a failing job takes 6 s at 1,
 * 0.3 s at 0.05, and none at 0. All items of a Map count as attempts of one state, hence the wide ranges.
 */
export type MockCase = 'succeeds' | 'retrieval-fails' | 'alignment-fails' | 'collect-fails' | 'definition-missing';

interface MockedResponse {
  readonly [attempts: string]:
    { readonly Return: object } | { readonly Throw: { readonly Error: string; readonly Cause: string } };
}

export interface SfnMockConfig {
  readonly StateMachines: Readonly<
    Record<string, { readonly TestCases: Readonly<Record<MockCase, Readonly<Record<string, string>>>> }>
  >;
  readonly MockedResponses: Readonly<Record<string, MockedResponse>>;
}

/** Keep failing jobs quick: 0.3 s instead of 6 s. */
const SFN_WAIT_SCALE = '0.05';

const ALL_ATTEMPTS = '0-99999';

const succeeded = (job: string): MockedResponse => ({
  [ALL_ATTEMPTS]: {
    Return: { JobName: job, JobId: `emulated-${job}`, Status: 'SUCCEEDED', Container: { ExitCode: 0 } },
  },
});

/** A failed job as Batch reports it to Step Functions: error States.TaskFailed, cause the description of the job. */
const failed = (job: string, reason: string, exitCode = 1): MockedResponse => ({
  [ALL_ATTEMPTS]: {
    Throw: {
      Error: 'States.TaskFailed',
      Cause: JSON.stringify({
        JobName: job,
        JobId: `emulated-${job}`,
        Status: 'FAILED',
        StatusReason: 'Essential container in task exited',
        Container: { ExitCode: exitCode, Reason: reason },
      }),
    },
  },
});

/** A job that Batch rejected. */
const refused = (error: string, cause: string): MockedResponse => ({
  [ALL_ATTEMPTS]: { Throw: { Error: error, Cause: cause } },
});

const responses = {
  retrieved: succeeded('seq-retrieval'),
  aligned: succeeded('alignment'),
  collected: succeeded('collect-seqinfo'),
  'retrieval-failed': failed('seq-retrieval', NOT_PRESENT, BAD_INPUT_EXIT_CODE),
  'alignment-failed': failed('alignment', 'clustalo: a sequence holds a character that is no amino acid'),
  'collect-failed': failed('collect-seqinfo', 'no position in the alignment for a variant'),
  'definition-missing': refused(
    'Batch.ClientException',
    'JobDefinition pavi-alignment-sfn not found. (Service: AWSBatch; Status Code: 404; Error Code: ClientException)',
  ),
} satisfies Record<string, MockedResponse>;

type Answers = Readonly<Record<'RetrieveSequence' | 'AlignSequences' | 'CollectResults', keyof typeof responses>>;

const allGood: Answers = { RetrieveSequence: 'retrieved', AlignSequences: 'aligned', CollectResults: 'collected' };

const cases: Readonly<Record<MockCase, Answers>> = {
  succeeds: allGood,
  'retrieval-fails': { ...allGood, RetrieveSequence: 'retrieval-failed' },
  'alignment-fails': { ...allGood, AlignSequences: 'alignment-failed' },
  'collect-fails': { ...allGood, CollectResults: 'collect-failed' },
  'definition-missing': { ...allGood, AlignSequences: 'definition-missing' },
};

export const SANDBOX_STATE_MACHINES: readonly string[] = ['dev', 'staging', 'prod'].map(
  (environment) => pipelineNames(environment).stateMachine,
);

export function sfnMockConfig(stateMachineNames: readonly string[] = SANDBOX_STATE_MACHINES): SfnMockConfig {
  return {
    StateMachines: Object.fromEntries(stateMachineNames.map((name) => [name, { TestCases: cases }])),
    MockedResponses: responses,
  };
}

/**
 * Writes the file that the emulator finds through SFN_MOCK_CONFIG. Returns the variables to start the emulator with.
 */
export function writeSfnMockConfig(
  file: string,
  stateMachineNames: readonly string[] = SANDBOX_STATE_MACHINES,
): { readonly SFN_MOCK_CONFIG: string; readonly SFN_WAIT_SCALE: string } {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(sfnMockConfig(stateMachineNames), null, 2));
  return { SFN_MOCK_CONFIG: file, SFN_WAIT_SCALE };
}

/**
 * The same for a running emulator, which forgets it at a restart.
 * @param endpoint such as `http://127.0.0.1:4566`.
 */
export async function applySfnMockConfig(
  endpoint: string,
  stateMachineNames: readonly string[] = SANDBOX_STATE_MACHINES,
): Promise<void> {
  const response = await fetch(new URL('/_ministack/config', endpoint), {
    method: 'POST',
    body: JSON.stringify({
      'stepfunctions._sfn_mock_config': sfnMockConfig(stateMachineNames),
      'stepfunctions._SFN_WAIT_SCALE': SFN_WAIT_SCALE,
    }),
  });
  if (!response.ok) throw new Error(`The emulator at ${endpoint} refused the prepared answers: ${response.status}`);
}
