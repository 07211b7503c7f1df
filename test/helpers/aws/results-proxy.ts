import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What becomes of one answer about a result; undefined passes the API's own on. `reads` counts the reads of this result before. */
export type ResultFault = (result: {
  readonly job: string;
  readonly name: 'alignment' | 'seq-info';
  readonly text: string;
  readonly reads: number;
}) => { readonly status?: number; readonly text?: string; readonly delayMs?: number } | undefined;

export interface ResultsProxy {
  readonly url: string;
  fault: ResultFault;
  /** What becomes of every other answer. */
  body: (text: string) => string;
  /** How many results were asked for. */
  reads: number;
  close(): Promise<void>;
}

/** In front of a real API: everything passes, but what a fault says of results. */
export async function startResultsProxy(target: string, fault: ResultFault = () => undefined): Promise<ResultsProxy> {
  const seen = new Map<string, number>();
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { host: _host, connection: _connection, 'content-length': _length, ...headers } = request.headers;
      const answer = await fetch(target + (request.url ?? ''), {
        method: request.method ?? 'GET',
        headers: headers as Record<string, string>,
        ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
      });
      const text = await answer.text();
      const [, job, name] = /\/pipeline-job\/([^/]+)\/result\/(alignment|seq-info)$/.exec(request.url ?? '') ?? [];
      const key = `${job} ${name}`;
      const reads = seen.get(key) ?? 0;
      seen.set(key, reads + 1);
      if (job !== undefined) proxy.reads += 1;
      const changed =
        job === undefined ? undefined : proxy.fault({ job, name: name as 'alignment' | 'seq-info', text, reads });
      if (changed?.delayMs !== undefined) await new Promise((done) => setTimeout(done, changed.delayMs).unref());
      const backend = answer.headers.get('x-pavi-backend');
      response
        .writeHead(changed?.status ?? answer.status, {
          'content-type': answer.headers.get('content-type') ?? 'text/plain',
          ...(backend === null ? {} : { 'x-pavi-backend': backend }),
        })
        .end(changed?.text ?? (job === undefined ? proxy.body(text) : text));
    })().catch(() => response.destroy());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise<void>((done) => server.close(() => done()));
  };
  const proxy: ResultsProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fault,
    body: (text) => text,
    reads: 0,
    close,
  };
  return proxy;
}
