import {
  type Delivered,
  type Delivery,
  type OtherVariables,
  placeWords,
  type ReportPlace,
  settingsWord,
  targetGroupName,
} from '../delivery/delivery';
import type { RuleTarget } from '../delivery/weights';
import { percent } from '../format';
import type { Finding } from './doctor-report';

/** The present environment variables of an API, compared with the flag document. */
export interface DeliveryLook {
  /** `true` when AWS has no update in progress there, else why not. */
  readonly settled: true | string;
  /** Percentage of the flag document; undefined when it cannot be read. */
  readonly documented?: number;
  /** What differs from it, and the percentage it amounts to if that is known; undefined when nothing differs. */
  readonly other?: OtherVariables;
}

/** Whether the variables agree with the flag document, and whether a raise could be delivered now. */
export function variablesFinding(
  { to }: Delivery,
  environment: string,
  { settled, documented, other }: DeliveryLook,
): Finding {
  const subject = `${settingsWord(to)} of ${placeWords(to)}`;
  if (documented === undefined) {
    const what = 'can be read, but the flag document gives no percentage to compare them with';
    return { subject, level: 'warning', what, remedy: 'see the finding about the flag parameter' };
  }
  const said = `the flag document says ${percent(documented)}`;
  if (other?.percentage !== undefined && other.percentage > documented) {
    const what = `${said}, but they say ${percent(other.percentage)}: ${other.why}`;
    const remedy = `if no rollout runs that would deliver, run \`rollout rollback ${environment}\` to deliver 0 %`;
    return { subject, level: 'problem', what, remedy };
  }
  if (settled !== true) {
    const what = `${said}; ${settled}: a raise waits until that ends`;
    return { subject, level: 'warning', what, remedy: 'wait until it ends' };
  }
  if (other === undefined)
    return { subject, level: 'ok', what: `agree with the flag document: ${percent(documented)}` };
  // At 0 % nothing may ever have been delivered.
  const unset = documented === 0 && other.percentage === undefined;
  if (unset) return { subject, level: 'ok', what: `not set: ${other.why}; the first delivery sets them` };
  const what = `${said}, but they differ: ${other.why}`;
  return { subject, level: 'warning', what, remedy: 'the next delivery sets them; find out who changed them' };
}

/** What the instances report, compared with the percentage of the flag document. */
export interface InstancesLook extends DeliveryLook {
  readonly found: Delivered;
  /** Whether one of several instances does not report its id. */
  readonly nameless: boolean;
  /** How many instances the plan names, if it names any. */
  readonly named?: number;
}

/** Whether a delivery could ever complete: only what each instance reports counts. */
export function instancesFinding(
  { to, report }: Pick<Delivery, 'to'> & { readonly report: ReportPlace },
  { settled, documented = 0, other, found, nameless, named }: InstancesLook,
): Finding {
  const subject = `instances of ${placeWords(to)}`;
  const { reporting, of, why } = found;
  const count = `${reporting} of ${of} ${of === 1 ? 'instance reports' : 'instances report'} ${percent(documented)}`;
  if (nameless) {
    const what = `${count}; ${of} of them answer at ${report.address} without an id: no delivery could ever complete`;
    const remedy = `make each instance report its id in the field ${report.instanceField} of its health, or name the right field in instanceField`;
    return { subject, level: 'problem', what, remedy };
  }
  if (reporting < of) {
    // No delivery is in progress and nothing differs, so a further delivery would not change what is reported.
    const level = settled === true && other === undefined ? 'problem' : 'warning';
    const remedy = `check that ${report.address} answers, and that the variables reach the API`;
    return { subject, level, what: `${count}: ${why}`, remedy };
  }
  if (named !== undefined && named !== of) {
    const what = `${count}, but the plan names ${named} in verification.instances`;
    return { subject, level: 'warning', what, remedy: 'name exactly the existing instances there' };
  }
  return { subject, level: 'ok', what: count };
}

export interface TargetsLook {
  /** Why the new target group should get no traffic; undefined when it may. */
  readonly unhealthy: string | undefined;
  /** Whether the rule names the new target group; AWS checks the health of others only on demand. */
  readonly isInRule: boolean;
  /** How long a client keeps its target group, in seconds; undefined without stickiness. */
  readonly stickyForS: number | undefined;
}

/** Whether a raise would find a healthy target, and whether 0 % takes every client back. */
export function targetsFinding(to: RuleTarget, { unhealthy, isInRule, stickyForS }: TargetsLook): Finding {
  const subject = `targets of ${placeWords(to)}`;
  const name = targetGroupName(to.targetGroups.new);
  if (unhealthy !== undefined) {
    const remedy = `register targets with ${name} and repair what their health check asks`;
    return { subject, level: 'warning', what: `${unhealthy}: a raise waits for one, then holds`, remedy };
  }
  if (stickyForS !== undefined) {
    const what = `the rule keeps a client with its target group for ${stickyForS} s: after 0 % clients may stay with ${name} that long`;
    return { subject, level: 'warning', what, remedy: 'switch the stickiness of target groups off in the rule' };
  }
  const joins = `the rule does not name ${name} yet: the first raise adds it with weight 0 and waits for a healthy target`;
  return { subject, level: 'ok', what: isInRule ? `${name} has a healthy target` : joins };
}
