import { permissionsFindings } from '../../identity/plan-key';
import { consentFindings } from '../keys/approvals';
import { checksFindings } from '../keys/checks';
import { deliveryFindings } from '../keys/delivery';
import { deploymentFindings } from '../keys/deployment';
import { diagnosisFindings } from '../keys/diagnosis';
import { fallbackFindings } from '../keys/fallback';
import { jobsFindings } from '../keys/jobs';
import { flagFindings } from '../keys/flag';
import { guardFindings } from '../keys/guard-checks';
import { infrastructureFindings } from '../keys/infrastructure';
import { lengthFindings, parameterFindings } from './check-names';
import { notifyFindings } from '../keys/notify';
import { hooksFindings, probeFindings } from '../keys/probe';
import { stepsFindings } from '../keys/steps';
import { timeFindings } from '../keys/times';
import { verificationFindings } from '../keys/verification';
import { watchFindings } from '../keys/watch';
import { duplicates, type Finding } from './plan-problem';

/**
 * Rules across several keys of a plan. Every check reads the raw file and ignores values of the wrong type, so that one
 * mistake of shape hides no other mistake.
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
    ...checksFindings(raw),
    ...probeFindings(raw),
    ...hooksFindings(raw),
    ...fallbackFindings(raw),
    ...jobsFindings(raw),
    ...flagFindings(raw),
    ...deliveryFindings(raw),
    ...deploymentFindings(raw),
    ...timeFindings(raw),
    ...diagnosisFindings(raw),
    ...verificationFindings(raw),
    ...notifyFindings(raw),
    ...lengthFindings(raw),
    ...parameterFindings(raw),
    ...permissionsFindings(raw),
  ];
}
