import type { SandboxInfo } from '../../sandbox/process/state-folder';

/** What the Web UI's form sends when its input is left empty. It wants its own cookie back as a header. */
export async function signalAsWebUi(
  temporal: SandboxInfo['temporal'],
  workflowId: string,
  signalName: string,
): Promise<Response> {
  const page = await fetch(temporal.ui);
  const token = /_csrf=([^;]+)/.exec(page.headers.get('set-cookie') ?? '')?.[1] ?? '';
  return fetch(`${temporal.ui}/api/v1/namespaces/${temporal.namespace}/workflows/${workflowId}/signal/${signalName}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', cookie: `_csrf=${token}`, 'x-csrf-token': token },
    body: JSON.stringify({ signalName, workflowExecution: { workflowId, runId: '' }, input: { payloads: null } }),
  });
}
