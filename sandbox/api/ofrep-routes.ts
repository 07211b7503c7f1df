import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  evaluateFlag,
  evaluateFlags,
  eventStreamAt,
  type FlagReader,
  notifyChanges,
  type OfrepAnswer,
  unreadableRequest,
} from '../../flags';

interface OneFlag {
  readonly Params: { readonly key: string };
}

const EVENTS = '/ofrep/v1/events';
const HEARTBEAT_MS = 10_000;
/** A client that does not take a few events is ended. */
const MOST_WAITING_BYTES = 16_384;

/**
 * The flag for OpenFeature clients of any language (OFREP). Answers from memory, so there is no rate to limit: it never
 * sends 429.
 */
export function addFlagEvaluation(server: FastifyInstance, flags: FlagReader): void {
  server.post<OneFlag>('/ofrep/v1/evaluate/flags/:key', { errorHandler }, async (request, reply) => {
    await flags.fresh();
    return send(reply, evaluateFlag(flags, request.params.key, request.body));
  });
  server.post('/ofrep/v1/evaluate/flags', { errorHandler }, async (request, reply) => {
    await flags.fresh();
    return send(reply, evaluateFlags(flags, request.body, request.headers['if-none-match'], STREAMS));
  });
  server.get(EVENTS, (_request, reply) => {
    const { raw } = reply.hijack();
    raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store, no-transform' });
    const write = (text: string): void => {
      if (raw.writableLength > MOST_WAITING_BYTES) raw.destroy();
      else raw.write(text);
    };
    write(': connected\n\n');
    const endNotices = notifyChanges(flags, write);
    const heartbeat = setInterval(() => write(': heartbeat\n\n'), HEARTBEAT_MS);
    raw.on('error', () => undefined);
    raw.once('close', () => {
      clearInterval(heartbeat);
      endNotices();
    });
  });
}

const STREAMS = [eventStreamAt(EVENTS)];

function send(reply: FastifyReply, { status, headers = {}, body }: OfrepAnswer): FastifyReply {
  return reply.code(status).headers(headers).send(body);
}

/** The API's own handler answers as PAVI does, which no OpenFeature client understands. */
function errorHandler(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const { key } = request.params as Partial<OneFlag['Params']>;
  if ((error.statusCode ?? 500) < 500) return void send(reply, unreadableRequest(error.message, key));
  const failed = { errorCode: 'GENERAL', errorDetails: error.message };
  send(reply, { status: 500, body: key === undefined ? failed : { key, ...failed } });
}
