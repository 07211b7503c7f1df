import type { Parameter, SSMClient } from '@aws-sdk/client-ssm';
import { GetParameterCommand, GetParametersCommand } from '@aws-sdk/client-ssm';
import { nameOf } from '../../failures';
import { Gathering } from '../gather';

/** GetParameters takes at most ten names. */
export const NAMES_PER_REQUEST = 10;

/**
 * A parameter for a check, or undefined when there is none. An account and region may read 40 times a second, so the names that are
 * asked for at the same time, by any rollout, share requests.
 */
export const parameterNamed = (ssm: SSMClient, name: string): Promise<Parameter | undefined> =>
  parameters.ask(ssm, name);

const parameters = new Gathering<SSMClient, string, Parameter | undefined>({
  most: NAMES_PER_REQUEST,
  ask: async (ssm, names) => {
    const alone = (): Promise<(Parameter | undefined | Error)[]> => Promise.all(names.map((name) => one(ssm, name)));
    if (names.length === 1) return alone();
    try {
      const { Parameters = [] } = await ssm.send(new GetParametersCommand({ Names: [...new Set(names)] }));
      const found = new Map(Parameters.map((parameter) => [parameter.Name, parameter]));
      return names.map((name) => found.get(name));
    } catch (error) {
      // One name that the role may not read fails the request for all.
      if (nameOf(error) === 'AccessDeniedException' || nameOf(error) === 'ValidationException') return alone();
      throw error;
    }
  },
  idOf: (name) => name,
});

async function one(ssm: SSMClient, Name: string): Promise<Parameter | undefined | Error> {
  try {
    return (await ssm.send(new GetParameterCommand({ Name }))).Parameter;
  } catch (error) {
    if (nameOf(error) === 'ParameterNotFound') return undefined;
    return error instanceof Error ? error : new Error(String(error));
  }
}
