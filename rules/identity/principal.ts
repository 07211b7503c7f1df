/** Who signed a request, as AWS says. */
export interface Principal {
  /** As STS names the caller: `arn:aws:sts::111122223333:assumed-role/Release/alice`. */
  readonly arn: string;
  /** The role or user behind it, as plans name it: `arn:aws:iam::111122223333:role/Release`. */
  readonly canonical: string;
  /** What approvals are counted by: two callers with the same text may be one person. */
  readonly person: string;
}

const ARN = /^arn:(aws[a-z-]*):(iam|sts)::(\d{12}):(.+)$/;
const ASSUMED = /^assumed-role\/([\w+=,.@-]+)\/([\w+=,.@-]+)$/;
const NAMED = /^(?:root|user\/[\w+=,.@/-]+|federated-user\/[\w+=,.@-]+)$/;
/** IAM Identity Center makes these roles, and sets the name of the session to that of the user. */
const IDENTITY_CENTER = /^AWSReservedSSO_/;

/**
 * The principal of a caller's ARN; undefined for anything else. Everybody who may assume a role chooses the session's name, so it
 * names a person only with roles of Identity Center and with those that the plan lists under `people`; of any other role all
 * callers count as one.
 */
export function principalOf(arn: string, people: readonly string[] = []): Principal | undefined {
  const [, partition, service, account, rest = ''] = ARN.exec(arn) ?? [];
  const [, role, session = ''] = (service === 'sts' && ASSUMED.exec(rest)) || [];
  if (role !== undefined) {
    const canonical = `arn:${partition}:iam::${account}:role/${role}`;
    return { arn, canonical, person: sessionIsPerson(canonical, people) ? session : canonical };
  }
  if (!NAMED.test(rest)) return undefined;
  // Who asks for a federation token chooses its name.
  return { arn, canonical: arn, person: arn.replace(/:federated-user\/.*$/, ':federated-user') };
}

const roleNameOf = (role: string): string => role.split('/').at(-1) ?? '';

export const sessionIsPerson = (role: string, people: readonly string[]): boolean =>
  IDENTITY_CENTER.test(roleNameOf(role)) || people.some((pattern) => matches(pattern, role));

/** Whether a plan's pattern means this principal: its role or user, or this one session of it. */
export const means = (pattern: string, { arn, canonical }: Principal): boolean =>
  matches(pattern, canonical) || matches(pattern, arn);

/** `*` is any text within a name: it crosses neither `/` nor `:`. */
function matches(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^/:]*')}$`).test(text);
}
