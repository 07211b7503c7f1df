import {
  AUDIT_SHAPE,
  CHANNEL_SHAPE,
  FLAG_SHAPE,
  FREEZE_SHAPE,
  PLACE_SHAPE,
  PLAN_SHAPE,
  type Shape,
  shapeProblem,
} from '../../rules/plan/shape';
import { type Adoption, ADOPTION_SHAPE } from '../../rules/rollout/state/adoption';
import type * as workflows from '../index';
import { Unreadable } from './payload-converter';

const STARTED = { plan: PLAN_SHAPE, startedBy: 'string', 'reason?': 'string' } as const;
const HEAD = { number: 'number', hash: 'string' } as const;
const BY_HAND = { by: 'string', reason: 'string' } as const;

/** The input of each workflow type (`messages.ts`); the compiler reports a missing one. */
const INPUTS: Readonly<Record<keyof typeof workflows, Shape>> = {
  rollout: { ...STARTED, 'zones?': {}, 'backToZero?': 'boolean', 'adopts?': ADOPTION_SHAPE },
  deployment: { ...STARTED, 'zones?': {}, 'verify?': 'boolean' },
  verification: STARTED,
  infraRollback: STARTED,
  release: { ...STARTED, 'zones?': {} },
  fallback: { ...BY_HAND, plan: PLAN_SHAPE, 'drain?': 'boolean' },
  doctor: { plan: PLAN_SHAPE },
  diagnosis: { plan: PLAN_SHAPE, 'execution?': 'string', 'sinceMs?': 'number' },
  check: { plan: PLAN_SHAPE, checks: ['string'] },
  setup: { plan: PLAN_SHAPE, 'show?': 'boolean' },
  changes: { plan: PLAN_SHAPE, of: 'string' },
  freeze: {
    ...BY_HAND,
    plan: { ...PLACE_SHAPE, 'freezeParameter?': 'string' },
    'freeze?': FREEZE_SHAPE,
    'zone?': 'string',
  },
  findings: { plan: PLACE_SHAPE, by: 'string', text: 'string' },
  ownerRelease: { ...BY_HAND, plan: { ...PLACE_SHAPE, flag: FLAG_SHAPE } },
  adoptable: { plan: { ...PLACE_SHAPE, flag: FLAG_SHAPE, 'audit?': AUDIT_SHAPE } },
  flagHistory: { plan: { aws: PLACE_SHAPE.aws, flag: FLAG_SHAPE } },
  audit: {
    aws: PLACE_SHAPE.aws,
    audit: AUDIT_SHAPE,
    source: { service: 'string', environment: 'string', workflowId: 'string', run: 'string', planHash: 'string' },
    'head?': HEAD,
    events: [{ seq: 'number', at: 'string', what: 'string' }],
  },
  auditRead: { plan: { ...PLACE_SHAPE, audit: AUDIT_SHAPE }, heads: [HEAD] },
  notice: {
    aws: PLACE_SHAPE.aws,
    channels: [CHANNEL_SHAPE],
    notice: { kind: 'string', key: 'string', title: 'string', text: 'string' },
    'id?': 'string',
    'threads?': {},
  },
};

/**
 * What this worker knows: absent is 1. 2 says that the plan asks for proofs of who acts (decision 0089), which an older worker would
 * not ask for. 3 says that the rollout adopts a flag, which an older worker would refuse above 0 % and raise from 0 %.
 */
const INPUT_SCHEMA = 3;

/**
 * Why a workflow cannot start with this input. A continued run gets its input from the run before it, so its shape is not
 * checked.
 */
export function inputProblem(type: string, args: readonly unknown[], continued: boolean): string | undefined {
  const bad = args.find((one) => one instanceof Unreadable);
  if (bad instanceof Unreadable) return `it cannot be read (${bad.why})`;
  if (continued) return undefined;
  if (args.length > 1) return `it came with ${args.length} arguments instead of one`;
  const { schema } = Object(args[0]) as { readonly schema?: unknown };
  if (typeof schema === 'number' && schema > INPUT_SCHEMA)
    return `it is of a newer client (schema ${schema}, this worker knows ${INPUT_SCHEMA})`;
  const shape = (INPUTS as Readonly<Record<string, Shape>>)[type];
  if (shape === undefined) return undefined;
  return shapeProblem(args[0], shape, 'the input') ?? adoptionProblem(args[0] as { readonly adopts?: Adoption });
}

/** Readers ignore a document with a generation that is no whole number: 0 % above such a one would reach none of them. */
function adoptionProblem({ adopts }: { readonly adopts?: Adoption }): string | undefined {
  if (adopts === undefined) return undefined;
  const { percentage, generation, highestGeneration, version = 0 } = adopts;
  const wrong = Object.entries({ generation, highestGeneration, version }).find(([, value]) => !isCount(value));
  if (wrong !== undefined) return `adopts.${wrong[0]} is ${wrong[1]}: it must be a whole number from 0 on`;
  if (percentage > 0 && percentage <= 100) return undefined;
  return `adopts.percentage is ${percentage}: it must be above 0 and at most 100`;
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
