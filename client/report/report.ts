import { writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { reportMarkdown } from '../../rules/report/picture/markdown';
import { pictureFile, reportPage } from '../../rules/report/picture/page';
import { reportJson, type RolloutReport } from '../../rules/report/picture/report';
import type { CommonOptions } from '../options';
import { defineVerb } from '../program/verb';
import { currentRollout } from '../watch/current';
import type { Target } from '../target';
import { CliError, type ExitCode } from '../terminal/cli-error';
import { pasteable } from '../terminal/hints';
import { schemaId } from '../answers/schema-id';
import { say } from '../terminal/output';
import { findReport } from './find-report';

interface ReportOptions extends CommonOptions {
  /** File to write; its name says which kind. */
  readonly output?: string;
}

export const verb = defineVerb<ReportOptions>({
  name: 'report',
  argument: '<env>',
  group: 'Inspect',
  summary: 'shows the whole rollout, during it and after: a page with pictures, Markdown or JSON',
  examples: [['rollout report prod -o report.html', 'one page to send to others']],
  options: [
    {
      flags: '-o, --output <file>',
      summary: 'write to this file: .html, .md, .json, or .svg for the picture alone (default: Markdown, printed)',
    },
  ],
  handler: report,
});

const WRITERS: Readonly<Record<string, (report: RolloutReport) => string>> = {
  '.html': reportPage,
  '.md': (report) => `${reportMarkdown(report)}\n`,
  '.svg': pictureFile,
  '.json': (report) => `${JSON.stringify({ $schema: schemaId('report'), ...reportJson(report) }, null, 2)}\n`,
};

async function report(target: Target, options: ReportOptions): Promise<ExitCode> {
  const { output } = options;
  const write = output === undefined ? undefined : writerFor(output);
  const { seen } = await currentRollout(target);
  const found = withCommand(await findReport(await target.temporal(), seen));
  if (output === undefined || write === undefined) {
    say(options, 'report', { text: reportMarkdown(found), json: reportJson(found) });
    return 0;
  }
  await writeFile(output, write(found)).catch((error: Error) => {
    throw new CliError(
      1,
      `The report was not written to ${output}: ${error.message}. Name another file with --output.`,
    );
  });
  say(options, 'report', { text: `Written to ${output}.`, json: { ...reportJson(found), file: output } });
  return 0;
}

function writerFor(file: string): (report: RolloutReport) => string {
  const write = WRITERS[extname(file).toLowerCase()];
  if (write !== undefined) return write;
  throw new CliError(2, `--output ${file}: the end of the name says what is written. Use .html, .md, .json or .svg.`);
}

/** With the options that were typed, so that it can be pasted here. */
export const withCommand = (found: RolloutReport): RolloutReport => ({
  ...found,
  next: { ...found.next, command: pasteable(`\`${found.next.command}\``).replaceAll('`', '') },
});
