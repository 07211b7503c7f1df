import { otherThan, type Variables } from './delivery';

/** Option namespace of environment variables. */
export const VARIABLES = 'aws:elasticbeanstalk:application:environment';

/** What a delivery reads of an Elastic Beanstalk environment. */
export interface BeanstalkEnvironment {
  /** `Ready`, `Updating`, `Aborting`, `Launching`, `Terminating`, … */
  readonly status: string;
  readonly abortable: boolean;
  /** The variables that are deployed. */
  readonly deployed: Readonly<Record<string, string | undefined>>;
  /** The variables of a running update, if it changes the configuration. */
  readonly pending?: Readonly<Record<string, string | undefined>>;
}

export type BeanstalkStep =
  { readonly do: 'nothing' } | { readonly do: 'update' | 'abort' | 'wait'; readonly why: string };

/**
 * The next step to deliver the variables. Elastic Beanstalk refuses an update while another runs. A raise waits for its end;
 * 0 % aborts it unless that update brings 0 % itself. Elastic Beanstalk rolls an aborted update back, so the environment
 * becomes Ready with the previous values.
 */
export function nextOnBeanstalk(found: BeanstalkEnvironment, wanted: Variables, percentage: number): BeanstalkStep {
  const { status, abortable, deployed, pending } = found;
  if (status === 'Ready') {
    const others = otherThan(wanted, deployed);
    return others.length === 0 ? { do: 'nothing' } : { do: 'update', why: others.join(', ') };
  }
  const brings = pending !== undefined && otherThan(wanted, pending).length === 0;
  if (brings && status === 'Updating') return { do: 'wait', why: 'the environment is being updated' };
  if (percentage === 0 && abortable) return { do: 'abort', why: `another update is under way (${status})` };
  return { do: 'wait', why: `the environment is ${status}, which must end first` };
}
