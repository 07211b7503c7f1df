import type { CheckAnswer, HttpQuestion } from '../../../rules/checks/check';
import type { HookCall } from '../../../rules/checks/hooks';
import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import { hiding, judgeHttp } from '../../../rules/checks/judge';
import { nameOf, reasonOf } from '../../failures';
import { webFetch } from '../../web';
import type { Asking } from './asking';
import { settingsOf } from './settings';

/** Bytes of a body that are read. */
const MOST_BYTES = 1_048_576;

/** One request, through the worker's proxy. A redirect is the answer: its target could be another service. */
export async function askHttp(
  question: HttpQuestion,
  { signal, plan, hook }: Pick<Asking, 'signal' | 'plan' | 'hook'>,
): Promise<CheckAnswer> {
  const { url, method } = question;
  const { values, secrets } = settingsOf(question.headers);
  const asHook = hook === undefined ? undefined : hookRequest(question, plan, hook);
  const headers = { ...asHook?.headers, ...values };
  const body = question.body ?? asHook?.body;
  const hide = hiding(secrets);
  try {
    const response = await webFetch(url, { method, headers, body, signal, redirect: 'manual' });
    const { body: read, isCut } = await bodyOf(response);
    const shown = [...response.headers].map(([name, value]) => [name, hide(value)] as const);
    const answered = { status: response.status, headers: Object.fromEntries(shown), body: hide(read), isCut };
    return judgeHttp(question, answered);
  } catch (error) {
    // A library may name a header that it refuses with its value.
    throw Object.assign(new Error(hide(reasonOf(error))), { name: nameOf(error) });
  }
}

/** A POST without a body of its own says what is asked. The key is a header too, for receivers that take each one once. */
function hookRequest({ method }: HttpQuestion, { service, environment }: EnvironmentPlan, hook: HookCall) {
  const key = { 'idempotency-key': hook.key };
  if (method !== 'POST') return { headers: key };
  const body = JSON.stringify({ ...hook, service, environment });
  return { headers: { 'content-type': 'application/json', ...key }, body };
}

async function bodyOf(response: Response): Promise<{ readonly body: string; readonly isCut: boolean }> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk as Uint8Array);
    bytes += (chunk as Uint8Array).length;
    if (bytes > MOST_BYTES) break;
  }
  return { body: Buffer.concat(chunks).subarray(0, MOST_BYTES).toString('utf8'), isCut: bytes > MOST_BYTES };
}
