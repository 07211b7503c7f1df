import { consentFindings } from '../check-consent';
import { deliveryFindings } from '../check-delivery';
import { deploymentFindings } from '../check-deployment';
import { diagnosisFindings } from '../check-diagnosis';
import { guardFindings } from '../check-guards';
import { infrastructureFindings } from '../check-infrastructure';
import { lengthFindings, parameterFindings } from './check-names';
import { notifyFindings } from '../check-notify';
import { stepsFindings } from '../check-steps';
import { timeFindings } from '../check-times';
import { verificationFindings } from '../check-verification';
import { watchFindings } from '../check-watch';
import { duplicates, type Finding } from './plan-problem';

/**
 * What several keys of a plan have to agree on. Every check reads the raw file and passes over what has the wrong
 * type, so that one mistake of shape hides no other mistake.
 */
export function agreementFindings(raw: unknown): readonly Finding[] {
  return [
    ...stepsFindings(raw),
    ...watchFindings(raw),
    ...guardFindings(raw),
    ...duplicates(raw, ['environments'], 'name'),
    ...duplicates(raw, ['infrastructure', 'stacks']),
    ...infrastructureFindings(raw),
    ...consentFindings(raw),
    ...deliveryFindings(raw),
    ...deploymentFindings(raw),
    ...timeFindings(raw),
    ...diagnosisFindings(raw),
    ...verificationFindings(raw),
    ...notifyFindings(raw),
    ...lengthFindings(raw),
    ...parameterFindings(raw),
  ];
}
