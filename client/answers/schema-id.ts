import type { AnswerKind } from './answers';

/** Counts the changes after which an older program would misread an answer; new keys are none. */
const VERSION = 1;

/** Names a schema; nobody serves it: the package has it as `schemas/{kind}.schema.json`. */
export const schemaId = (kind: AnswerKind): string => `urn:rollout-orchestrator:answer:${kind}:${VERSION}`;
