/** Status `NOT_FOUND` of gRPC, with which Temporal answers for what it does not have. Source: grpc.io, "Status codes". */
const NOT_FOUND = 5;

export const isNotFound = (error: unknown): boolean =>
  Number((Object(error) as { readonly code?: unknown }).code) === NOT_FOUND;
