import { actionForm, livePage, PAGE_VERBS, type PageVerb } from '../../rules/report/picture/live-page';
import { listMarkup } from '../../rules/report/picture/list-page';
import { headMarkup, sectionMarkup, titleOf } from '../../rules/report/picture/page';
import type { RolloutReport } from '../../rules/report/picture/report';
import { sectionsOf } from '../../rules/report/picture/sections';
import { joined } from '../../rules/report/picture/markup';
import { rolloutWorkflowId } from '../../workflows/messages';
import { environmentsMeant } from '../flag/next-way';
import { breakGlassLine, type CommandOptions, type CommonOptions } from '../options';
import { runVerb } from '../program/program';
import { defineVerb } from '../program/verb';
import { verbsFor } from '../program/verbs';
import { shown } from '../watch/current';
import { Target } from '../target';
import { findRollout } from '../temporal/find-rollout';
import { listRollouts, withOutcomes } from '../temporal/list-rollouts';
import { explain } from '../temporal/explain-error';
import { workerPolls } from '../temporal/worker-polls';
import { CliError, type ExitCode } from '../terminal/cli-error';
import { pasteable } from '../terminal/hints';
import type { Steered } from '../answers/answers';
import { type Answer, endsWhenLeft, say } from '../terminal/output';
import { localZone } from '../terminal/render';
import { findReport, KnownRuns } from './find-report';
import { type Pages, pathOf, type Place, serve, type Shown, type Told } from './ui-server';

interface UiOptions extends CommonOptions {
  readonly port?: string;
  readonly allowActions?: boolean;
}

export const verb = defineVerb<UiOptions>({
  name: 'ui',
  group: 'Inspect',
  summary: 'serves live pages of all rollouts to the browser of this machine, without actions unless allowed',
  examples: [['rollout ui --allow-actions', 'pause, resume, approve and abort from the page too']],
  options: [
    { flags: '--port <number>', summary: 'port on 127.0.0.1; 0 for any free one', default: '8246' },
    { flags: '--allow-actions', summary: 'let the pages pause, resume, approve and abort' },
  ],
  handler: ui,
});

/** Until Ctrl-C. It reads by one connection; an action opens its own, as the verb does in a terminal. */
async function ui(target: Target, options: UiOptions): Promise<ExitCode> {
  const port = portIn(options.port);
  // Fails now, and not at the first page, when Temporal cannot be used.
  await target.temporal().catch((error: unknown) => {
    const facts = withWays(error, waysOf(target));
    if (!(facts instanceof CliError)) throw error;
    throw new CliError(1, [facts.message, ...otherWay(facts.facts)].join('\n'), facts.facts);
  });
  const { server, url } = await serve(pagesOf(target, options), port).catch((error: NodeJS.ErrnoException) => {
    throw new CliError(1, `The pages cannot be served on port ${port}: ${error.message}. Name another with --port.`);
  });
  const actions = options.allowActions === true;
  const text = `${url}\n${actions ? 'The pages may pause, resume, approve and abort.' : 'The pages only show: --allow-actions lets them act.'} Ctrl-C ends them.`;
  say(options, 'ui', { text, json: { url, actions } });
  const stay = endsWhenLeft('\nThe pages have ended. The rollouts continue.');
  await new Promise<void>((resolve) => server.once('close', resolve));
  stay();
  return 0;
}

function portIn(text = ''): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new CliError(2, `--port ${text} is no port: write a number from 0 to 65535.`);
}

function pagesOf(target: Target, options: UiOptions): Pages {
  const runs = new KnownRuns();
  return {
    all: () => explained(target, waysOf(target), () => listPage(target)),
    one: (place, told) =>
      explained(target, waysAt(place, options), () => rolloutPage(target, { place, told, runs, options })),
    act: options.allowActions === true ? (place, form) => acted(place, form, options) : undefined,
  };
}

async function explained<T>(target: Target, ways: readonly string[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw withWays(explain(error, await target.temporal()), ways);
  }
}

/** A Temporal that does not answer is named together with the way past it. */
function withWays(error: unknown, ways: readonly string[]): unknown {
  if (!(error instanceof CliError) || error.facts['unreachable'] === undefined) return error;
  const facts = { ...error.facts, breakGlass: ways };
  return new CliError(1, error.message, facts);
}

async function listPage(target: Target): Promise<Shown> {
  const temporal = await target.temporal();
  const [running, recent, current] = await Promise.all([
    // On their own: a rollout of eight days must not fall off behind two hundred that are newer.
    listRollouts(temporal, false),
    listRollouts(temporal, true),
    workerPolls(temporal),
  ]);
  const rows = [...running, ...recent];
  const newest = rows.filter(
    (row, index) => rows.findIndex(({ workflowId }) => workflowId === row.workflowId) === index,
  );
  const lines = (await withOutcomes(temporal, newest)).map((row) => ({
    ...row,
    href: pathOf(row),
    state: row.outcome ?? row.phase,
  }));
  const main = listMarkup({ lines, current, zone: localZone(), asOfMs: Date.now() });
  return {
    whole: livePage({ title: 'Rollouts', main, from: '/parts', ways: waysOf(target) }),
    parts: [{ id: 'list', markup: main.text }],
  };
}

interface Asked {
  readonly place: Place;
  readonly told: Told;
  readonly runs: KnownRuns;
  readonly options: UiOptions;
}

async function rolloutPage(target: Target, { place, told, runs, options }: Asked): Promise<Shown | undefined> {
  const temporal = await target.temporal();
  const { service, environment } = place;
  const seen = await findRollout(temporal, rolloutWorkflowId(service, environment));
  if (seen === undefined) return undefined;
  const of = new Target(environment, { ...options, service }, Promise.resolve(temporal));
  const report = pastable(await findReport(temporal, await shown(of, seen), runs), place, options);
  const parts = [
    { id: 'head', markup: headMarkup(report) },
    ...sectionsOf(report).map((section) => ({ id: section.id, markup: sectionMarkup(section) })),
  ];
  const to = pathOf(place);
  const actions = options.allowActions === true ? actionForm(report, { to, token: told.token }) : undefined;
  const main = joined(parts.map(({ markup }) => markup));
  return {
    whole: livePage({
      ...{ title: titleOf(report), main, from: `${to}/parts`, back: true, said: told.said, actions },
      ways: waysAt(place, options),
    }),
    parts: parts.map(({ id, markup }) => ({ id, markup: markup.text })),
  };
}

/** The plan that was named knows the service; without one the place does. */
const typedFor = ({ service }: Place, options: UiOptions): UiOptions =>
  options.plan === undefined ? { ...options, service } : options;

const REASON = 'Temporal did not answer';

/** The commands that need no Temporal, made before they are needed. */
const waysOf = (target: Target): readonly string[] =>
  environmentsMeant(target).map((name) => breakGlassLine(name, REASON, target.options));
const waysAt = (place: Place, options: UiOptions): readonly string[] => [
  breakGlassLine(place.environment, REASON, typedFor(place, options)),
];

const pastable = (report: RolloutReport, place: Place, options: UiOptions): RolloutReport => {
  const typed = { environment: place.environment, options: typedFor(place, options) };
  return {
    ...report,
    next: { ...report.next, command: pasteable(`\`${report.next.command}\``, typed).replaceAll('`', '') },
  };
};

/** Runs the verb itself, as the program does: the same rules, messages and way to 0 %. */
async function acted(place: Place, form: URLSearchParams, options: UiOptions): Promise<string> {
  const name = PAGE_VERBS.find((one) => one === form.get('verb'));
  const by = form.get('by')?.trim() ?? '';
  if (name === undefined) return 'Nothing was sent: the page named no verb that it may send.';
  if (name === 'approve' && !/^\d+(\.\d+)?$/.test(form.get('percentage') ?? ''))
    return 'Nothing was sent: the page named no percentage to approve; load it again.';
  if (by === '' && name !== 'abort') return `Nothing was sent: type your name to ${name}.`;
  const answers: Answer[] = [];
  const given = commandOf(name, { place, form, options }, (answer) => answers.push(answer));
  const [declared] = verbsFor([name]);
  if (declared === undefined) throw new Error(`there is no verb ${name}`);
  try {
    await runVerb(declared, place.environment, given);
  } catch (error) {
    const facts = error instanceof CliError ? error.facts : {};
    return [`${name}: ${error instanceof Error ? error.message : String(error)}`, ...otherWay(facts)].join('\n');
  }
  const told = answers.flatMap((one) => {
    const json = one.json as Partial<Steered>;
    return [...(json.answer === undefined ? [] : [json.answer]), ...otherWay({ ...json })];
  });
  return told.length === 0 ? `The rollout has the request: ${name}.` : told.join('\n');
}

/** For a zero that is not confirmed: the commands that need no Temporal. */
function otherWay({ breakGlass }: Readonly<Record<string, unknown>>): readonly string[] {
  return Array.isArray(breakGlass) ? ['To put it to 0 % without Temporal, paste this:', ...breakGlass.map(String)] : [];
}

function commandOf(
  verb: PageVerb,
  { place, form, options }: { readonly place: Place; readonly form: URLSearchParams; readonly options: UiOptions },
  answered: (answer: Answer) => void,
): CommandOptions & { readonly percentage?: number } {
  const { plan, sandbox, profile, ui: web, debug } = options;
  const text = (field: string): string | undefined => form.get(field)?.trim() || undefined;
  const common = { plan, sandbox, profile, ui: web, debug, service: place.service, answered };
  const percentage = verb === 'approve' ? Number(form.get('percentage')) : undefined;
  return { ...common, by: text('by'), reason: text('reason'), percentage };
}
