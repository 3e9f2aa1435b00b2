export interface OutputDefinition {
  readonly description: string
}

/** Every output of the Action, in the order of a run. None is a secret. */
export const OUTPUTS = {
  changes: { description: '`true` when anything changes, in AWS or in Valohai, else `false`.' },
  'to-add': { description: 'Number of resources the plan adds.' },
  'to-change': { description: 'Number of resources the plan changes.' },
  'to-destroy': { description: 'Number of resources the plan destroys.' },
  'plan-digest': {
    description:
      'Digests of all that changes, in AWS and in Valohai, for `approved-plan`; `none` where nothing does.',
  },
  'terraform-dir': { description: 'Directory that holds the Terraform files.' },
  bucket: { description: 'Name of the bucket.' },
  'bucket-arn': { description: 'ARN of the bucket.' },
  region: { description: 'AWS region of the bucket.' },
  'iam-user-arn': { description: 'ARN of the IAM user that Valohai uses the bucket as.' },
  'access-key-id': { description: "Id of that user's access key. Its secret is known to Valohai alone." },
  'multipart-role-arn': { description: 'ARN of the IAM role for outputs over 5 GB, empty without one.' },
  'store-id': { description: 'UUID of the data store in Valohai.' },
  'store-url': { description: "Address of the data store in Valohai's web app." },
  'store-action': {
    description:
      'What was done about the store: `created`, `updated`, `unchanged` or, by `destroy`, `deleted`.',
  },
  'key-retires-on': {
    description:
      'Date from which a replaced access key may go, for example `2026-03-01`; empty without one. A run after it removes the key.',
  },
  'default-store': { description: "`true` when the project's default store is this store, else `false`." },
  drift: { description: '`true` when `check` found something that is not as it should be, else `false`.' },
  findings: {
    description:
      'What `check` found, as a JSON list of `{what, where, is, should, fix}`; `[]` when all holds. What could not be looked at is not in it.',
  },
} as const satisfies Readonly<Record<string, OutputDefinition>>

export type OutputName = keyof typeof OUTPUTS
