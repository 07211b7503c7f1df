/** A part of AWS with accounts, ARNs and addresses of its own. */
export interface Partition {
  /** Second part of its ARNs. */
  readonly name: string;
  /** End of the addresses of its services. */
  readonly domain: string;
}

const COMMERCIAL: Partition = { name: 'aws', domain: 'amazonaws.com' };

/** Beginnings of the names of regions. Source: region-info of aws-cdk-lib, with which a test compares them. */
const OTHERS: Readonly<Record<string, Partition>> = {
  'cn-': { name: 'aws-cn', domain: 'amazonaws.com.cn' },
  'us-gov-': { name: 'aws-us-gov', domain: 'amazonaws.com' },
  'us-iso-': { name: 'aws-iso', domain: 'c2s.ic.gov' },
  'us-isob-': { name: 'aws-iso-b', domain: 'sc2s.sgov.gov' },
  'eu-isoe-': { name: 'aws-iso-e', domain: 'cloud.adc-e.uk' },
  'us-isof-': { name: 'aws-iso-f', domain: 'csp.hci.ic.gov' },
  'eusc-': { name: 'aws-eusc', domain: 'amazonaws.eu' },
};

export const partitionOf = (region: string): Partition =>
  Object.entries(OTHERS).find(([beginning]) => region.startsWith(beginning))?.[1] ?? COMMERCIAL;

/** The ARN of a bucket, or of objects in it: it names no account and no region. */
export const s3ArnIn = (region: string, resource: string): string => `arn:${partitionOf(region).name}:s3:::${resource}`;

/** The ARN of something in an account and region. */
export const arnIn = (
  { account, region }: { readonly account: string; readonly region: string },
  service: string,
  resource: string,
): string => `arn:${partitionOf(region).name}:${service}:${region}:${account}:${resource}`;
