/** Where the audit record of an environment is: objects under `{prefix}{service}/{environment}/`. */
export interface AuditPlace {
  readonly bucket: string;
  /** Empty, or it ends in `/`. */
  readonly prefix: string;
}
