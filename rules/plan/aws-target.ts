/** A place in AWS; credentials come from the standard chain, or from `profile` of the shared configuration files. */
export interface AwsTarget {
  /** Twelve digits. */
  readonly account: string;
  readonly region: string;
  readonly profile?: string;
}
