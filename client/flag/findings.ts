import { readFileSync } from 'node:fs';
import { FINDINGS_BYTES } from '../../rules/fallback/findings-document';
import type { FileText } from '../../rules/plan/file-text';
import { fileText } from '../../rules/plan/file-text';
import type { FindingsInput, FindingsResult } from '../../workflows/messages';
import { findingsWorkflowId } from '../../workflows/messages';
import { actor } from '../input/actor';
import { CliError } from '../terminal/cli-error';
import type { ExitCode } from '../terminal/cli-error';
import type { CommandOptions } from '../options';
import { defineVerb } from '../program/verb';
import type { Target } from '../target';
import { say } from '../terminal/output';
import { runWorkflow } from '../temporal/run-workflow';

const WITHIN_MS = 60_000;

interface FindingsOptions extends CommandOptions {
  readonly file: string;
}

export const verb = defineVerb<FindingsOptions>({
  name: 'findings',
  argument: '<env>',
  group: 'Go back',
  summary: 'records what the team found after a `rollback --to` the fallback; a new rollout waits for it',
  examples: [['rollout findings prod --file findings.md', 'record the findings, so that a new rollout may start']],
  reason: 'optional',
  options: [{ flags: '--file <file>', summary: 'file with the findings', required: true }],
  handler: findings,
});

/** "Document findings before retry". */
async function findings(target: Target, options: FindingsOptions): Promise<ExitCode> {
  const { service, environment, aws } = target.planned().plan;
  const by = actor(options.by);
  const text = textOf(options.file);
  const temporal = await target.temporal();
  const { document } = await runWorkflow<FindingsInput, FindingsResult>(temporal, {
    type: 'findings',
    workflowId: findingsWorkflowId(service, environment),
    input: { plan: { service, environment, aws }, by, text },
    withinMs: WITHIN_MS,
    summary: `${service} ${environment}: findings`,
  });
  const name = `${service} ${environment}`;
  if (document === undefined)
    throw new CliError(3, `${name} needs no findings: it was never rolled back to a fallback.`);
  say(options, 'findings', {
    text: `**${name}: findings recorded.** A new rollout may start.`,
    json: { done: true, environment, ...document },
  });
  return 0;
}

function textOf(file: string): string {
  let read: FileText;
  try {
    read = fileText(readFileSync(file));
  } catch (error) {
    throw new CliError(
      2,
      `The findings ${file} cannot be read: ${(error as Error).message}. Name another file with --file.`,
    );
  }
  if (read.problem !== undefined) throw new CliError(2, `The findings ${file} are ${read.problem}.`);
  const text = read.text.trim();
  if (text === '') throw new CliError(2, `The findings ${file} are empty: write what was found.`);
  const bytes = Buffer.byteLength(text);
  if (bytes <= FINDINGS_BYTES) return text;
  throw new CliError(
    2,
    `The findings ${file} have ${bytes} bytes, and at most ${FINDINGS_BYTES} are kept: write a summary and where to find the rest.`,
  );
}
