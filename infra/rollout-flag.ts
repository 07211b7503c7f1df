import { Construct } from 'constructs';
import type { StringParameter } from 'aws-cdk-lib/aws-ssm';
import type { FlagFormat } from '../flags/format';
import { flagParameter } from './flag-parameter';

/** The flag as the plan names it. */
export interface RolloutFlagProps {
  /** Name of the parameter, `flag.parameter` of the plan, with its leading slash. */
  readonly parameter: string;
  /** `flag.salt`: which jobs are in a percentage depends on it. Default of a plan: `<service>-<environment>`. */
  readonly salt: string;
  /** How the plan's `flag` writes a percentage; default: the key `percentage`. */
  readonly format?: FlagFormat;
}

/**
 * The parameter with the flag document, at 0 %. CloudFormation owns its existence and never its content: a later deployment leaves
 * the percentage of a running rollout alone, and removing the construct leaves the parameter.
 */
export class RolloutFlag extends Construct {
  readonly name: string;
  readonly parameter: StringParameter;
  readonly salt: string;
  readonly format?: FlagFormat;

  constructor(scope: Construct, id: string, { parameter, salt, format }: RolloutFlagProps) {
    super(scope, id);
    this.name = parameter;
    this.salt = salt;
    this.format = format;
    this.parameter = flagParameter(this, 'Parameter', { parameter, salt, format });
  }
}
