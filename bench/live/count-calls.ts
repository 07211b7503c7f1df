/** Loaded before the worker's program: counts its requests to AWS by API, in the file that BENCH_CALLS names. */
import { subscribe } from 'node:diagnostics_channel';
import { writeFileSync } from 'node:fs';
import type { ClientRequest } from 'node:http';

const file = process.env['BENCH_CALLS'];
/** By API, of this process. */
export const counts: Record<string, number> = {};

subscribe('http.client.request.start', (message) => {
  const { request } = message as { readonly request: ClientRequest };
  const target = request.getHeader('x-amz-target');
  // CloudWatch's protocol has the name in the path.
  const name = typeof target === 'string' ? target.split('.').at(-1) : /\/operation\/(\w+)$/.exec(request.path)?.[1];
  if (name !== undefined) counts[name] = (counts[name] ?? 0) + 1;
});

if (file !== undefined) setInterval(() => writeFileSync(file, JSON.stringify(counts)), 500).unref();
