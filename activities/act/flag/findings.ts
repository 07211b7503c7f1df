import { Context } from '@temporalio/activity';
import { fitting, shortened, type Shorten } from '../../../flags/parameter-text';
import type { FindingsDocument } from '../../../rules/fallback/findings-document';
import { FINDINGS_BYTES } from '../../../rules/fallback/findings-document';
import { parseFindings } from '../../../rules/fallback/parse-findings';
import type { AwsFor } from '../../aws';
import { failure, toFailure } from '../../failures';
import type { FindingsPlace } from '../../observe/flag/findings';
import { readFindings } from '../../observe/flag/findings';
import { readParameter } from '../../observe/flag/flags';
import { putDocument } from './put-document';

export interface FindingsOrder extends FindingsPlace {
  /** A full rollback that needs findings from now on. */
  readonly rolledBack?: FindingsDocument['rolledBack'];
  /** The findings of the team. */
  readonly findings?: NonNullable<FindingsDocument['findings']>;
}

/** Writes and reads back that findings are due, or the findings. Idempotent. */
export function createFindingsActions(awsFor: AwsFor): {
  writeFindings(order: FindingsOrder): Promise<FindingsDocument | undefined>;
} {
  return { writeFindings: (order) => writeFindings(awsFor, order, Context.current().cancellationSignal) };
}

async function writeFindings(
  awsFor: AwsFor,
  order: FindingsOrder,
  abortSignal: AbortSignal,
): Promise<FindingsDocument | undefined> {
  const { aws, parameter, findings } = order;
  if (findings !== undefined && Buffer.byteLength(findings.text) > FINDINGS_BYTES)
    throw failure(
      'InvalidRequest',
      `findings may have at most ${FINDINGS_BYTES} bytes: write a summary and where to find the rest`,
    );
  const rolledBack = order.rolledBack ?? (await readFindings(awsFor, order, abortSignal))?.rolledBack;
  if (rolledBack === undefined) return undefined;
  const forms = findings === undefined ? owing(rolledBack) : [withFindings(rolledBack, findings)];
  let text: string;
  try {
    text = await putDocument(awsFor(aws).ssm, { name: parameter, forms }, abortSignal);
  } catch (error) {
    throw toFailure(error, `writing the findings to ${parameter}`);
  }
  const after = await readParameter(awsFor, aws, parameter, abortSignal);
  const read = after === undefined ? undefined : parseFindings(after);
  if (after === text && read?.ok === true) return read.document;
  throw failure('Unconfirmed', `findings were written to ${parameter}, but read back as ${after ?? 'nothing'}`);
}

type RolledBack = FindingsDocument['rolledBack'];
type Findings = NonNullable<FindingsDocument['findings']>;

const owing = (rolledBack: RolledBack): readonly FindingsDocument[] => [
  ...shortened((shorten) => ({ rolledBack: withShorter(rolledBack, shorten) })),
];

const withShorter = ({ atMs, by, reason, to }: RolledBack, shorten: Shorten): RolledBack => ({
  atMs,
  by: shorten(by),
  reason: shorten(reason),
  to,
});

/**
 * One form only: a document without its findings would let a rollout start that must wait for them. Findings stay complete
 * as long as there is room, and everything else is shortened first. Escapes may need more room than the bytes counted: then
 * the end is left out, and the text states that.
 */
function withFindings(rolledBack: RolledBack, findings: Findings): FindingsDocument {
  const bare = withShorter(rolledBack, () => '');
  const whole = shortened((shorten) => ({
    rolledBack: withShorter(rolledBack, shorten),
    findings: { ...findings, by: shorten(findings.by) },
  }));
  const cut = shortened((shorten) => ({
    rolledBack: bare,
    findings: {
      atMs: findings.atMs,
      by: '',
      text: `${shorten(findings.text)} … (the end is left out: no room for it)`,
    },
  }));
  const fits = fitting(whole) ?? fitting(cut);
  if (fits === undefined) throw failure('InvalidRequest', 'the findings do not fit into their parameter');
  return fits.form;
}
