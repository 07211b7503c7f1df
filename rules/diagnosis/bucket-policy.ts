/** Actions that jobs perform on their bucket. */
const JOB_ACTIONS = ['s3:GetObject', 's3:PutObject', 's3:ListBucket'];

interface Statement {
  readonly Effect?: unknown;
  readonly Principal?: unknown;
  readonly NotPrincipal?: unknown;
  readonly Action?: unknown;
  readonly Condition?: unknown;
}

/**
 * Statements of a bucket policy that deny jobs something, each as JSON. The usual denial of requests without TLS is
 * ignored. Conditions are not evaluated: the reader sees them in the statement.
 */
export function bucketDenials(policy: string, roleArns: readonly string[]): readonly string[] {
  return statementsOf(policy)
    .filter((statement) => statement.Effect === 'Deny')
    .filter(({ Condition }) => !isOnlyAboutTls(Condition))
    .filter(({ Action }) => listOf(Action).some((pattern) => JOB_ACTIONS.some((action) => fits(pattern, action))))
    .filter((statement) => meansRoles(statement, roleArns))
    .map((statement) => JSON.stringify(statement));
}

function statementsOf(policy: string): readonly Statement[] {
  try {
    const { Statement } = JSON.parse(policy) as { readonly Statement?: unknown };
    return (Array.isArray(Statement) ? Statement : [Statement]).filter(
      (each): each is Statement => typeof each === 'object' && each !== null,
    );
  } catch {
    return [];
  }
}

const listOf = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : [value]).filter((each): each is string => typeof each === 'string');

/** `*` and `?` as in IAM; actions do not care about case. */
function fits(pattern: string, text: string): boolean {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${escaped}$`, 'i').test(text);
}

const isOnlyAboutTls = (condition: unknown): boolean =>
  /^\{"Bool":\{"aws:SecureTransport":\[?"?false"?\]?\}\}$/i.test(JSON.stringify(condition ?? {}));

/** Without a known role every denial counts. */
function meansRoles({ Principal, NotPrincipal }: Statement, roleArns: readonly string[]): boolean {
  if (NotPrincipal !== undefined) {
    const excepted = principalsOf(NotPrincipal);
    return roleArns.length === 0 || roleArns.some((arn) => !excepted.includes(arn));
  }
  return principalsOf(Principal).some(
    (principal) =>
      principal === '*' ||
      roleArns.some((arn) => arn === principal || principal === accountOf(arn) || principal === rootOf(arn)),
  );
}

const principalsOf = (principal: unknown): readonly string[] =>
  typeof principal === 'object' && principal !== null
    ? listOf((principal as { readonly AWS?: unknown }).AWS)
    : listOf(principal);

const accountOf = (arn: string): string => arn.split(':')[4] ?? '';
const rootOf = (arn: string): string => `arn:${arn.split(':')[1]}:iam::${accountOf(arn)}:root`;
