import { otherThan, type Variables } from './delivery';

/** Namespace of the options that are environment variables. */
export const VARIABLES = 'aws:elasticbeanstalk:application:environment';

/** An Elastic Beanstalk environment, as far as a delivery looks at it. */
export interface BeanstalkEnvironment {
  /** `Ready`, `Updating`, `Aborting`, `Launching`, `Terminating`, … */
  readonly status: string;
  readonly abortable: boolean;
  /** The variables that are deployed. */
  readonly deployed: Readonly<Record<string, string | undefined>>;
  /** Those of an update that runs, where one changes the configuration. */
  readonly pending?: Readonly<Record<string, string | undefined>>;
}

export type BeanstalkStep =
  { readonly do: 'nothing' } | { readonly do: 'update' | 'abort' | 'wait'; readonly why: string };

/**
 * What to do so that the variables get there. Elastic Beanstalk refuses an update while one is running. A raise waits for
 * that; 0 % ends it, whatever it was, unless it brings 0 % itself. An aborted update is taken back by Elastic Beanstalk, so
 * that the environment is Ready with the values before it.
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
  return { do: 'wait', why: `the environment is ${status}, which has to end first` };
}
