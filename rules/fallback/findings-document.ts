/** "Document findings before retry": the record of a full rollback until the team has written its findings. */
export interface FindingsDocument {
  readonly rolledBack: {
    readonly atMs: number;
    readonly by: string;
    readonly reason: string;
    /** Name of the plan's fallback; absent in documents of earlier versions. */
    readonly to?: string;
  };
  readonly findings?: { readonly atMs: number; readonly by: string; readonly text: string };
}

/** A standard SSM parameter holds 4 KB, and the rest of the document needs part of it. */
export const FINDINGS_BYTES = 3_000;

export const findingsParameterOf = ({ service, environment }: { service: string; environment: string }): string =>
  `/${service}/${environment}/rollout-findings`;

/** Why nothing may be raised again yet; undefined when no findings are missing. */
export function owedBy(document: FindingsDocument, environment: string): string | undefined {
  if (document.findings !== undefined) return undefined;
  const { by: who, atMs: when, reason, to = 'the old side' } = document.rolledBack;
  return `${who} rolled back to ${to} at ${new Date(when).toISOString()} (${reason}), and the findings are not written yet: run \`rollout findings ${environment} --file FINDINGS.md\``;
}
