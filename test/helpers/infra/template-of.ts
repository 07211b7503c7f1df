import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';

/** The template of a stack, without the CDK's own checks of it: they take seconds of CPU per stack and only warn. */
export function templateOf(stack: Stack): Template {
  process.env['CDK_VALIDATION'] = 'false';
  return Template.fromStack(stack);
}
