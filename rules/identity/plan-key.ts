import { z } from 'zod';
import { environmentPaths } from '../plan/problems/places';
import { type Finding, listAt, valueAt } from '../plan/problems/plan-problem';
import { type Path, pathText } from '../plan/problems/problems';
import { key, text } from '../plan/problems/schema-key';
import { withoutUndefined } from '../plan/without-undefined';
import type { Permissions } from './permissions';
import { sessionIsPerson } from './principal';

const WHO = 'ARNs of roles or users, with * inside a name; with `proof: claimed` names of people';

/** `permissions`: who may raise the traffic, and how sure that must be. */
export const permissionsSchema = (shared: boolean) =>
  key(
    z.strictObject({
      proof: key(z.enum(['required', 'claimed']), {
        is: 'required: AWS proves who acts, by a signed sts:GetCallerIdentity. claimed: the name that was typed counts, and is marked so in the audit record. Default: required.',
        remedy: 'write required or claimed',
      }).optional(),
      raise: key(z.array(text()), {
        is: `Who may start, resume, promote and skip: ${WHO}. With required, nobody else may. Default with claimed: everybody.`,
        remedy: "write a list such as ['arn:aws:iam::111122223333:role/Release']",
      }).optional(),
      approve: key(z.array(text()), {
        is: `Who may approve and tick: ${WHO}. With required, nobody else may. Default with claimed: everybody.`,
        remedy: "write a list such as ['arn:aws:iam::111122223333:role/AWSReservedSSO_Approvers_*']",
      }).optional(),
      people: key(z.array(text()), {
        is: 'Roles whose session name your identity provider sets, so that each session is one person. Of other roles all callers count as one; the roles of IAM Identity Center need not be named.',
        remedy: "write a list such as ['arn:aws:iam::111122223333:role/Okta-*'], or remove the key",
      }).optional(),
    }),
    {
      is: shared
        ? 'Who may raise the traffic, and who may approve. Lowering it is open to everybody. Default: everybody who reaches Temporal, by the name they give.'
        : "This environment's own permissions, instead of the plan's.",
      remedy: "write `{ raise: ['arn:aws:iam::111122223333:role/Release'] }`, or remove the key",
    },
  );

type Written = z.output<ReturnType<typeof permissionsSchema>>;

export function resolvedPermissions(
  shared: Written | undefined,
  own: Written | undefined,
  index: number,
): Permissions | undefined {
  const written = own ?? shared;
  if (written === undefined) return undefined;
  const at = pathText(own === undefined ? ['permissions'] : ['environments', index, 'permissions']);
  const { proof = 'required', ...lists } = written;
  return { proof, ...withoutUndefined(lists), at };
}

/** Problems of every `permissions`, and protected environments without any. */
export function permissionsFindings(raw: unknown): readonly Finding[] {
  const written = [[] as Path, ...environmentPaths(raw)]
    .map((path): Path => [...path, 'permissions'])
    .filter((path) => valueAt(raw, path) !== undefined);
  if (written.length === 0) return [];
  return [
    ...written.flatMap((path) => [...entryFindings(raw, path), ...raiseFindings(raw, path)]),
    ...environmentPaths(raw).flatMap((environment) => environmentFindings(raw, environment)),
  ];
}

const isClaimed = (raw: unknown, path: Path): boolean => valueAt(raw, [...path, 'proof']) === 'claimed';

/** Nobody could start anything: surely not meant. */
function raiseFindings(raw: unknown, path: Path): readonly Finding[] {
  if (isClaimed(raw, path) || valueAt(raw, [...path, 'raise']) !== undefined) return [];
  const remedy = "write who may raise, such as ['arn:aws:iam::111122223333:role/Release'], or `proof: claimed`";
  return [{ path: [...path, 'raise'], problem: 'missing: nobody could start a rollout', remedy }];
}

const PROTECTED = /(^|-)prod(uction)?(-|$)/;

function environmentFindings(raw: unknown, environment: Path): readonly Finding[] {
  const asked = valueAt(raw, [...environment, 'approvals', 'required']);
  const needsApproval = typeof asked === 'number' && asked > 0;
  const own: Path = [...environment, 'permissions'];
  const path = valueAt(raw, own) === undefined ? ['permissions'] : own;
  if (valueAt(raw, path) === undefined) {
    const name = String(valueAt(raw, [...environment, 'name']));
    if (!needsApproval && !PROTECTED.test(name)) return [];
    const problem = `missing: another environment has permissions, and ${name} is protected, so nobody could raise it`;
    return [{ path: own, problem, remedy: 'write who may raise and approve here, or `{ proof: claimed }`' }];
  }
  if (!needsApproval || isClaimed(raw, path) || valueAt(raw, [...path, 'approve']) !== undefined) return [];
  const problem = `missing: ${String(valueAt(raw, [...environment, 'name']))} needs ${asked} approvals, and nobody could give one`;
  return [{ path: [...path, 'approve'], problem, remedy: 'write who may approve, or set approvals.required to 0' }];
}

const ROLE = /^arn:aws[a-z-]*:iam::\d{12}:role\/(?:[\w+=,.@*-]|\{env\})+$/;
const ROLE_WITH_PATH = /^(arn:aws[a-z-]*:iam::\d{12}:role\/)(?:[^/]*\/)+([^/]*)$/;
const USER = /^arn:aws[a-z-]*:(?:iam::\d{12}:(?:root|user\/.+)|sts::\d{12}:federated-user\/.+)$/;
const SESSION = /^(arn:aws[a-z-]*):sts::(\d{12}):assumed-role\/([^/]+)\/[^/]+$/;

function entryFindings(raw: unknown, path: Path): readonly Finding[] {
  const people = listAt(raw, [...path, 'people']).filter((one): one is string => typeof one === 'string');
  return (['raise', 'approve', 'people'] as const).flatMap((list) =>
    listAt(raw, [...path, list]).flatMap((entry, i): readonly Finding[] => {
      if (typeof entry !== 'string' || entry === '') return [];
      const wrong = isClaimed(raw, path) ? nameProblem(entry, list) : arnProblem(entry, list, people);
      return wrong === undefined ? [] : [{ path: [...path, list, i], ...wrong }];
    }),
  );
}

type Wrong = Omit<Finding, 'path'> | undefined;

function nameProblem(entry: string, list: string): Wrong {
  if (list === 'people') return { problem: 'has no meaning with proof: claimed', remedy: 'remove the key people' };
  if (!entry.startsWith('arn:')) return undefined;
  const problem = 'is an ARN, and with proof: claimed nobody proves to be it';
  return { problem, remedy: 'write the names of people, or `proof: required`' };
}

function arnProblem(entry: string, list: string, people: readonly string[]): Wrong {
  const [, before, name] = ROLE_WITH_PATH.exec(entry) ?? [];
  if (before !== undefined)
    return { problem: 'has a path, which AWS leaves out when it names a caller', remedy: `write ${before}${name}` };
  if (ROLE.test(entry) || (list !== 'people' && USER.test(entry))) return undefined;
  const [, arn, account, role] = SESSION.exec(entry) ?? [];
  if (list === 'people' || role === undefined) {
    const problem = 'must be the ARN of a role or a user, with the 12 digits of its account';
    return { problem, remedy: 'write it as arn:aws:iam::111122223333:role/Release' };
  }
  const canonical = `${arn}:iam::${account}:role/${role}`;
  if (sessionIsPerson(canonical, people)) return undefined;
  const problem = 'names a session, and everybody with the role chooses its name';
  const remedy = `write ${canonical}, or add that to people if your identity provider sets the name`;
  return { problem, remedy };
}
