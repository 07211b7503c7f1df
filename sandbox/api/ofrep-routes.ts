import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { evaluateFlag, evaluateFlags, unreadableRequest, type FlagReader, type OfrepAnswer } from '../../flags';

interface OneFlag {
  readonly Params: { readonly key: string };
}

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
    return send(reply, evaluateFlags(flags, request.body, request.headers['if-none-match']));
  });
}

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
