/** Generates the reference in `docs/plan.md` from the plan's JSON schema: a table for each object, a row for each key. */

export interface SchemaNode {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly additionalProperties?: SchemaNode | boolean;
  readonly enum?: readonly string[];
  readonly const?: unknown;
  readonly pattern?: string;
}

export const BEGIN = '<!-- The reference begins here. `npm run schema` writes it: do not edit it by hand. -->';
export const END = '<!-- The reference ends here. -->';

/** Examples of keys that the shipped plans do not use. */
const EXAMPLES: Readonly<Record<string, unknown>> = {
  'permissions.raise': ['arn:aws:iam::111122223333:role/Release'],
  'permissions.approve': ['arn:aws:iam::111122223333:role/AWSReservedSSO_Approvers_*'],
  'permissions.people': ['arn:aws:iam::111122223333:role/Okta-*'],
  'flag.delivery.elasticBeanstalk.application': 'shop-api',
  'flag.delivery.elasticBeanstalk.environment': 'shop-api-{env}',
  'flag.delivery.ecs.cluster': 'shop',
  'flag.delivery.ecs.service': 'shop-api-{env}',
  'flag.delivery.ecs.container': 'api',
  'flag.format': 'number',
  'flag.delivery.lambdaAlias.function': 'checkout-{env}',
  'flag.delivery.lambdaAlias.alias': 'live',
  'flag.delivery.lambdaAlias.versions.new': '7',
  'flag.delivery.lambdaAlias.versions.old': '6',
  'flag.delivery.loadBalancer.listenerRule':
    'arn:aws:elasticloadbalancing:eu-west-1:111111111111:listener-rule/app/checkout/50dc6c495c0c9188/0467ef3c8400ae65/9683b2d02a6cabee',
  'flag.delivery.loadBalancer.targetGroups.new':
    'arn:aws:elasticloadbalancing:eu-west-1:111111111111:targetgroup/checkout-v2/73e2d6bc24d8a067',
  'flag.delivery.loadBalancer.targetGroups.old':
    'arn:aws:elasticloadbalancing:eu-west-1:111111111111:targetgroup/checkout-v1/6d0ecf831eec9f09',
  'flag.delivery.variables': { percentage: 'CHECKOUT_V2_PERCENTAGE' },
  'flag.delivery.healthUrl': 'https://api.example.org/api/health',
  'flag.delivery.instanceField': 'instance',
  'audit.bucket': 'shop-rollout-audit-{env}',
  'audit.prefix': 'rollouts',
  'watch.alarms[].region': 'eu-west-1',
  'watch.alarms[].account': '111111111111',
  'watch.alarms[].profile': 'edge-{env}',
  'watch.guards[].region': 'eu-west-1',
  'watch.guards[].account': '111111111111',
  'watch.guards[].profile': 'edge-{env}',
  'watch.guards[].breachWhen.below': 1,
  'watch.alarms[].percentages': [50, 75],
  'environments[].verification.followWithin': '5m',
  'checks.*.http.url': 'https://checkout-{env}.example.org/health',
  'checks.*.http.headers': { authorization: { variable: 'CHECKOUT_TOKEN' } },
  'checks.*.http.headers.*.variable': 'CHECKOUT_TOKEN',
  'checks.*.http.body': '{"order":"test"}',
  'checks.*.http.expect.status': [200, 204],
  'checks.*.http.expect.headers': { 'content-type': 'application/json' },
  'checks.*.http.expect.json.*.equals': ['a', 'b'],
  'checks.*.http.expect.json.*.oneOf': ['up', 'degraded'],
  'checks.*.command.run': ['python3', 'test_e2e.py'],
  'checks.*.command.directory': '../tests',
  'checks.*.command.exitCodes': [0],
  'checks.*.command.failureCodes': [1],
  'checks.*.metric.expression': 'failed / started * 100',
  'checks.*.metric.metrics.*.namespace': 'AWS/States',
  'checks.*.metric.metrics.*.metric': 'ExecutionsFailed',
  'checks.*.metric.metrics.*.statistic': 'Sum',
  'checks.*.metric.metrics.*.dimensions': { Stage: '{env}' },
  'checks.*.metric.unit': '%',
  'checks.*.execution.stateMachine': 'checkout-{env}',
  'checks.*.execution.input': { order: 'test' },
  'checks.*.lambda.function': 'checkout-check-{env}',
  'checks.*.lambda.payload': { order: 'test' },
  'checks.*.dashboard-has-data': true,
  'checks.*.rollout-completed': 'staging',
  'checks.*.no-open-incident': 'https://incidents.example.org/open',
  'probe.checks': ['health'],
  'hooks.confirm-rollout': ['change-approved'],
  'hooks.pre-rollout': ['caches-warm'],
  'hooks.rollout': ['load-test'],
  'hooks.confirm-traffic-increase': ['no-incident'],
  'hooks.confirm-promotion': ['business-agrees'],
  'environments[].verification.checks': ['health'],
  'environments[].checklist[].proof.check': 'health',
  'environments[].deployment.approvals.required': 2,
  'environments[].contact': 'the on-call engineer of staging',
  'environments[].checklist[].proof.url': 'https://status.example.org/incidents.json',
  'freezes[].zone': 'America/New_York',
  'freezes[].from': '2026-12-19',
  'freezes[].to': '2027-01-03',
  'freezes[].reason': 'holidays',
  freezeParameter: '/shop/{env}/rollout-freezes',
  'notify[].topic': 'arn:aws:sns:us-east-1:111111111111:shop-on-call',
  'notify[].webhook.variable': 'ROLLOUT_WEBHOOK',
  'notify[].webhook.secret': 'shop/{env}/rollout-webhook',
  'notify[].slack.token.parameter': '/shop/{env}/slack-token',
  'notify[].slack.token.secret': 'shop/{env}/slack-token',
  'notify[].slack.token.variable': 'SLACK_TOKEN',
  'notify[].slack.channel': 'C0123456789',
  'notify[].slack.api': 'https://slack.com/api',
  'notify[].pagerduty.routingKey.parameter': '/shop/{env}/pagerduty-key',
  'notify[].pagerduty.routingKey.secret': 'shop/{env}/pagerduty-key',
  'notify[].pagerduty.routingKey.variable': 'PAGERDUTY_KEY',
  'notify[].pagerduty.address': 'https://events.eu.pagerduty.com/v2/enqueue',
  'notify[].signedWebhook.address.parameter': '/shop/{env}/rollout-receiver',
  'notify[].signedWebhook.address.secret': 'shop/{env}/rollout-receiver',
  'notify[].signedWebhook.address.variable': 'ROLLOUT_RECEIVER',
  'notify[].signedWebhook.key.parameter': '/shop/{env}/rollout-signing-key',
  'notify[].signedWebhook.key.secret': 'shop/{env}/rollout-signing-key',
  'notify[].signedWebhook.key.variable': 'ROLLOUT_SIGNING_KEY',
  'notify[].events': ['rolling-back', 'zero-not-confirmed', 'overdue'],
  'environments[].windows[].except': ['2026-12-24'],
  'environments[].aws.profile': 'shop-{env}',
  'environments[].verification.instances': ['http://10.0.0.4:8080'],
};

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The first value that one of the plans has at a path such as `watch.alarms[].name`. */
function valueAt(plan: unknown, path: readonly string[]): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return plan;
  if (first === '[]') return Array.isArray(plan) ? firstOf(plan.map((item) => valueAt(item, rest))) : undefined;
  if (first === '*')
    return isObject(plan) ? firstOf(Object.values(plan).map((item) => valueAt(item, rest))) : undefined;
  return isObject(plan) ? valueAt(plan[first], rest) : undefined;
}

const firstOf = (values: readonly unknown[]): unknown => values.find((value) => value !== undefined);
const partsOf = (path: string): readonly string[] =>
  path
    .replaceAll('[]', '.[]')
    .split('.')
    .filter((part) => part !== '');

const isDuration = (node: SchemaNode): boolean => node.pattern?.endsWith('(?:s|m|h|d|w)$') === true;

function typeOf(node: SchemaNode): string {
  if (node.anyOf) return [...new Set(node.anyOf.map(typeOf))].join(' or ');
  if (node.enum) return node.enum.map((value) => `\`${value}\``).join(', ');
  if (node.const !== undefined) return code(node.const);
  if (node.type === 'array') return `list of ${node.items?.properties ? 'objects' : typeOf(node.items ?? {})}`;
  if (node.type === 'string') return isDuration(node) ? 'duration' : 'text';
  if (node.type === 'boolean') return 'true or false';
  if (node.type === 'integer') return 'whole number';
  return typeof node.type === 'string' ? node.type : (node.type ?? ['any']).join(' or ');
}

/** Formats `code` for a Markdown table. */
const code = (value: unknown): string =>
  `\`${(typeof value === 'string' ? value : JSON.stringify(value)).replaceAll('|', '\\|')}\``;

/** The descriptions already state the default. */
const defaultIn = (description: string): string | undefined =>
  /Without it ([^.]+(?:\.[^ .]+)*)\./.exec(description)?.[1] ?? /: ([^ ]+) when left out/.exec(description)?.[1];

function exampleOf(node: SchemaNode, path: string, plans: readonly unknown[]): unknown {
  const shown = EXAMPLES[path] ?? firstOf(plans.map((plan) => valueAt(plan, partsOf(path))));
  if (shown !== undefined) return shown;
  // A key that an environment may override has the same meaning elsewhere in the plan.
  const common = path.replace(/^environments\[\]\.(?:delivery(?=\.))?/, (own) =>
    own.endsWith('delivery') ? 'flag.delivery' : '',
  );
  if (common !== path) return exampleOf(node, common, plans);
  if (node.const !== undefined) return node.const;
  if (node.enum) return node.enum[0];
  const said = defaultIn(node.description ?? '');
  if (isDuration(node)) return said !== undefined && /^\d+[smhdw]$/.test(said) ? said : '10m';
  if (node.type === 'boolean') return true;
  if (node.type === 'integer' || node.type === 'number') return Number(said ?? '') || 3;
  return undefined;
}

const cellsOf = (row: readonly string[], widths: readonly number[]): string =>
  `| ${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' | ')} |`;

/** Aligns the columns as Prettier does, so that formatting changes nothing. */
function table(rows: readonly (readonly string[])[]): string {
  const head = ['Key', 'Type', 'Default', 'Description', 'Example'];
  const widths = head.map((title, index) => Math.max(title.length, ...rows.map((row) => row[index]!.length)));
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
  return [cellsOf(head, widths), rule, ...rows.map((row) => cellsOf(row, widths))].join('\n');
}

/** The objects below a node, each with its path. */
function objectsIn(node: SchemaNode, path: string): readonly (readonly [string, SchemaNode])[] {
  if (node.properties) return [[path, node]];
  if (node.items) return objectsIn(node.items, `${path}[]`);
  if (node.anyOf) return node.anyOf.flatMap((inner) => objectsIn(inner, path));
  if (typeof node.additionalProperties === 'object') return objectsIn(node.additionalProperties, `${path}.*`);
  return [];
}

/** What identifies an object's table: names that need `{env}` only in one place are the same key. */
const formOf = ({ properties, required }: SchemaNode): string =>
  JSON.stringify([properties, required], (key, value: unknown) =>
    ['allOf', 'maxLength'].includes(key) || (key === 'pattern' && !String(value).endsWith('(?:s|m|h|d|w)$'))
      ? undefined
      : value,
  );

export function planReference(schema: SchemaNode, plans: readonly unknown[]): string {
  const sections: string[] = [];
  const shown = new Map<string, string>();
  const show = (path: string, node: SchemaNode): void => {
    const title = path === '' ? '### The file' : `### \`${path}\``;
    const form = formOf(node);
    const same = shown.get(form);
    if (same !== undefined) {
      sections.push(`${title}\n\nThe keys of \`${same}\`.`);
      return;
    }
    shown.set(form, path);
    const keys = Object.entries(node.properties ?? {}).map(
      ([name, inner]) => [name, inner, path === '' ? name : `${path}.${name}`] as const,
    );
    sections.push(`${title}\n\n${table(keys.map((key) => rowOf(key, node.required ?? [], plans)))}`);
    for (const [, inner, at] of keys) for (const [below, object] of objectsIn(inner, at)) show(below, object);
  };
  show('', schema);
  return sections.join('\n\n');
}

function rowOf(
  [name, node, path]: readonly [string, SchemaNode, string],
  required: readonly string[],
  plans: readonly unknown[],
): readonly string[] {
  const description = (node.description ?? '').replaceAll('|', '\\|').replace(/(?<=^| )\{env\}(?=[ ,.]|$)/g, '`{env}`');
  const below = objectsIn(node, path).map(([at]) => `\`${at}\``);
  const example = below.length > 0 ? `see ${[...new Set(below)].join(', ')}` : exampleOf(node, path, plans);
  const shown = below.length > 0 ? String(example) : example === undefined ? '' : code(example);
  const standard = required.includes(name) ? 'required' : (defaultIn(node.description ?? '') ?? '–');
  return [code(name), typeOf(node), standard, description, shown];
}

/** Replaces the reference in a document. Throws when its two markers are missing. */
export function withReference(document: string, reference: string): string {
  const [before, after] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (before < 0 || after < before)
    throw new Error('docs/plan.md must contain the two markers of the reference, in order');
  return `${document.slice(0, before)}${BEGIN}\n\n${reference}\n\n${document.slice(after)}`;
}
