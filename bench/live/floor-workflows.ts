import { condition, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';

export const goSignal = defineSignal('go');

interface Writing {
  putZero(parameter: string): Promise<void>;
}
const { putZero } = proxyActivities<Writing>({ startToCloseTimeout: '10s' });

/** The least that Temporal and SSM take from a signal to 0 %: nothing is judged, recorded or shown. */
export async function floor(parameter: string): Promise<void> {
  let gone = false;
  setHandler(goSignal, () => void (gone = true));
  await condition(() => gone);
  await putZero(parameter);
}
