import type { CheckAnswer, HttpQuestion } from '../../../rules/checks/check';
import { hiding, judgeHttp } from '../../../rules/checks/judge';
import { nameOf, reasonOf } from '../../failures';
import { webFetch } from '../../web';
import type { Asking } from './asking';
import { settingsOf } from './settings';

/** Bytes of a body that are read. */
const MOST_BYTES = 1_048_576;

/** One request, through the worker's proxy. A redirect is the answer: its target could be another service. */
export async function askHttp(question: HttpQuestion, { signal }: Pick<Asking, 'signal'>): Promise<CheckAnswer> {
  const { url, method, body } = question;
  const { values: headers, secrets } = settingsOf(question.headers);
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
