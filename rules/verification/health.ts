import type { Sides } from '../../flags/routing';
import { cutInTheMiddle } from '../format';
import { sideNamed } from '../jobs/side';

/** A reader explains in one sentence why it follows no document: the variable, its value and what to set. */
const REASON_LENGTH = 300;

/** The result of one part, with the values it rests on. */
export interface Found {
  readonly ok: boolean;
  readonly why: string;
  /** It could not be checked: there was no answer. */
  readonly unseen?: boolean;
}

interface Expected {
  readonly environment: string;
  /** What the API calls the two sides, in any spelling. */
  readonly sides: Sides;
  /** Percentage of the flag document. */
  readonly percentage: number;
  /** Generation of the flag document; an API that reports its own must not be behind it. */
  readonly generation?: number;
  /** The SSM parameter of the flag document; left out when the API follows none. */
  readonly parameter?: string;
}

/**
 * > curl …/api/health
 *
 * Checks shape and mode, not only the 200: `status` is up, the environment is this one, `execution_mode` names the side that the flag sends to, and
 * `rollout` has its percentage. At 0 % a `rollout` of 0 or one that is switched off counts as none. An API that reports in
 * `flags` which document it follows (docs/flags.md) must follow this one.
 */
export function judgeHealth(body: unknown, expected: Expected): Found {
  const { environment, percentage, sides } = expected;
  const fields = fieldsOf(body);
  if (fields === undefined) return { ok: false, why: `not a JSON object: ${shown(body)}` };
  const mode = fields['execution_mode'];
  const side = percentage > 0 ? 'new' : 'old';
  const isRight = typeof mode === 'string' && sideNamed(mode, sides) === side;
  const problems = [
    ...wrong('status', fields['status'], 'up'),
    ...wrong('environment', fields['environment'], environment),
    ...(isRight ? [] : [`execution_mode is ${shown(mode)} and not ${sides[side]}`]),
    ...rolloutProblems(fields['rollout'], percentage),
    ...readerProblems(fields['flags'], expected),
  ];
  if (problems.length > 0) return { ok: false, why: problems.join('; ') };
  return { ok: true, why: `up, ${String(mode)}${percentage > 0 ? ` at ${percentage} %` : ''}` };
}

function rolloutProblems(rollout: unknown, percentage: number): readonly string[] {
  const { enabled, percentage: told } = fieldsOf(rollout) ?? {};
  // Without the rollout switch all jobs go to the new side, whatever the percentage.
  const effective = rollout === undefined || enabled === false ? (percentage === 0 ? 0 : 100) : told;
  return effective === percentage ? [] : [`rollout is ${shown(rollout)}, but the flag is at ${percentage} %`];
}

/** Whether an instance reports in its health which flag document it follows. */
export function saysDocument(body: unknown): boolean {
  return typeof fieldsOf(fieldsOf(body)?.['flags'])?.['source'] === 'string';
}

/**
 * `flags` is what the reader of the document reports, if the API shows it. A reader whose reads fail still follows the document
 * as long as it has the newest one.
 */
function readerProblems(flags: unknown, { parameter, generation }: Expected): readonly string[] {
  const { source, why, parameter: followed, generation: told } = fieldsOf(flags) ?? {};
  if (parameter !== undefined) {
    if (source === 'variables') return [`it uses its environment variables and not ${parameter}`];
    if (typeof followed === 'string' && followed !== parameter) return [`it follows ${followed} and not ${parameter}`];
    if (source === 'fallback') return [`it follows no flag document: ${shown(why, REASON_LENGTH)}`];
  }
  if (generation === undefined || typeof told !== 'number' || told >= generation) return [];
  const said = typeof why === 'string' ? ` (${cutInTheMiddle(why, REASON_LENGTH)})` : '';
  return [`its reader has generation ${told} of the flag, but the document is at ${generation}${said}`];
}

/** `/api/deployment-status`: this environment, healthy as a whole; a component that is switched off counts as healthy. */
export function judgeDeploymentStatus(body: unknown, environment: string): Found {
  const fields = fieldsOf(body);
  const components = fieldsOf(fields?.['components']);
  if (fields === undefined || components === undefined)
    return { ok: false, why: `no deployment status: ${shown(body)}` };
  const bad = Object.entries(components).flatMap(([name, component]) => {
    const { status, message } = fieldsOf(component) ?? {};
    if (status === 'healthy' || status === 'disabled') return [];
    return [`${name} is ${shown(status)}${typeof message === 'string' ? ` (${message})` : ''}`];
  });
  const problems = [
    ...wrong('overall_status', fields['overall_status'], 'healthy'),
    ...wrong('environment', fields['environment'], environment),
    ...bad,
  ];
  if (problems.length > 0) return { ok: false, why: problems.join('; ') };
  const off = Object.entries(components).filter(([, component]) => fieldsOf(component)?.['status'] === 'disabled');
  const aside = off.length === 0 ? '' : `, switched off: ${off.map(([name]) => name).join(', ')}`;
  return { ok: true, why: `healthy: ${Object.keys(components).length} components${aside}` };
}

const wrong = (name: string, value: unknown, wanted: string): readonly string[] =>
  value === wanted ? [] : [`${name} is ${shown(value)} and not ${wanted}`];

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Readonly<Record<string, unknown>>) : undefined;
}

function shown(value: unknown, most = 120): string {
  const text = value === undefined ? 'missing' : JSON.stringify(value);
  return cutInTheMiddle(text, most);
}
