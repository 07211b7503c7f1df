import { type Delivered, type Delivery, type OtherVariables, placeWords } from '../delivery/delivery';
import { percent } from '../format';
import type { Finding } from './doctor-report';

/** Where an API gets its environment variables, as it was found. */
export interface DeliveryLook {
  /** Whether AWS has nothing to do there any more; if not, why. */
  readonly settled: true | string;
  /** What the flag document says; undefined when it says nothing. */
  readonly documented?: number;
  /** What differs from it, and what that amounts to, where that can be told; undefined when nothing does. */
  readonly other?: OtherVariables;
}

/** Whether the variables stand as the document says, and whether a raise could be delivered now. */
export function variablesFinding(
  { to }: Delivery,
  environment: string,
  { settled, documented, other }: DeliveryLook,
): Finding {
  const subject = `variables of ${placeWords(to)}`;
  if (documented === undefined) {
    const what = 'can be read, but the flag document says nothing that they could be compared with';
    return { subject, level: 'warning', what, remedy: 'see what is said of the flag parameter' };
  }
  const said = `the flag document says ${percent(documented)}`;
  if (other?.percentage !== undefined && other.percentage > documented) {
    const what = `${said}, but they say ${percent(other.percentage)}: ${other.why}`;
    const remedy = `\`rollout rollback ${environment}\` delivers 0 %, if no rollout runs that delivers by itself`;
    return { subject, level: 'problem', what, remedy };
  }
  if (settled !== true) {
    const what = `${said}; ${settled}: a raise waits until that has ended`;
    return { subject, level: 'warning', what, remedy: 'wait until it has ended' };
  }
  if (other === undefined) return { subject, level: 'ok', what: `as the flag document says: ${percent(documented)}` };
  // At 0 % nobody has ever set them.
  const unset = documented === 0 && other.percentage === undefined;
  if (unset) return { subject, level: 'ok', what: `not set: ${other.why}; the first delivery sets them` };
  const what = `${said}, and they say something else: ${other.why}`;
  return { subject, level: 'warning', what, remedy: 'the next delivery sets them; see who set them otherwise' };
}

/** How the instances answer that are asked for the percentage of the document. */
export interface InstancesLook extends DeliveryLook {
  readonly found: Delivered;
  /** Whether one of several instances does not say which it is. */
  readonly nameless: boolean;
  /** How many the plan names, where it does. */
  readonly named?: number;
}

/** Whether a delivery could ever be done: only what each instance reports counts. */
export function instancesFinding(
  { to, report }: Delivery,
  { settled, documented = 0, other, found, nameless, named }: InstancesLook,
): Finding {
  const subject = `instances of ${placeWords(to)}`;
  const { reporting, of, why } = found;
  const count = `${reporting} of ${of} ${of === 1 ? 'instance reports' : 'instances report'} ${percent(documented)}`;
  if (nameless) {
    const what = `${count}; ${of} of them answer at ${report.address} without saying which they are: no delivery could ever be done`;
    const remedy = `let each say its id in the field ${report.instanceField} of its health, or name the field in instanceField`;
    return { subject, level: 'problem', what, remedy };
  }
  if (reporting < of) {
    // What stands for good as the document says, and is not reported, no delivery would change.
    const level = settled === true && other === undefined ? 'problem' : 'warning';
    const remedy = `see that ${report.address} answers, and that the variables reach the API`;
    return { subject, level, what: `${count}: ${why}`, remedy };
  }
  if (named !== undefined && named !== of) {
    const what = `${count}, but the plan names ${named} in verification.instances`;
    return { subject, level: 'warning', what, remedy: 'name every instance there, and no other' };
  }
  return { subject, level: 'ok', what: count };
}
