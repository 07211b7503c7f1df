import { z } from 'zod';
import type { EnvironmentPlan } from '../plan/environment-plan';
import * as names from '../plan/names';
import { awsName, key, matching } from '../plan/problems/schema-key';
import type { AuditPlace } from './place';

const PREFIX = /^(?:[A-Za-z0-9_.-]|\{env\})+(?:\/(?:[A-Za-z0-9_.-]|\{env\})+)*\/?$/;

/** `audit`: where what rollouts do is kept for longer than Temporal keeps it. */
export const auditSchema = (shared: boolean) =>
  key(
    z.strictObject({
      bucket: key(
        awsName(names.BUCKET, 'must be lower-case letters, digits, . and -', false).max(names.LONGEST.bucket, {
          error: `must have at most ${names.LONGEST.bucket} characters`,
        }),
        {
          is: 'S3 bucket in the region of the environment, best with versioning and object lock. Environments may share it.',
          remedy: "write the name of the bucket, such as 'shop-rollout-audit-{env}'",
        },
      ),
      prefix: key(
        matching(PREFIX, 'must be names joined by /').max(256, { error: 'must have at most 256 characters' }),
        {
          is: 'What the keys of the objects begin with; service and environment follow. Default: nothing.',
          remedy: 'write a folder such as rollouts, or remove the key',
        },
      ).optional(),
    }),
    {
      is: shared
        ? 'The append-only record of what rollouts do, for as long as the bucket keeps it. Default: none.'
        : "This environment's own audit record, instead of the plan's.",
      remedy: "write a mapping such as `{ bucket: 'shop-rollout-audit-{env}' }`, or remove the key",
    },
  );

type Written = z.output<ReturnType<typeof auditSchema>>;

export function resolvedAudit(shared: Written | undefined, own: Written | undefined): EnvironmentPlan['audit'] {
  const written = own ?? shared;
  return written === undefined ? undefined : placeOf(written);
}

const placeOf = ({ bucket, prefix = '' }: Written): AuditPlace => ({
  bucket,
  prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`,
});
