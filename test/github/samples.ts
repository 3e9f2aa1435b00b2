import { defaultOptions } from '../support/options'
import type { Request } from '../../src/config'
import type { Facts } from '../../src/github/facts'
import type { GithubContext } from '../../src/github/context'
import type { AwsOutcome, KeysOutcome, Outcome, ValohaiOutcome } from '../../src/decide/outcome'

export const TOKEN = 'valohai-token-of-a-person'
export const STORE_ID = '0190aaaa-0000-4000-8000-000000000001'
export const OTHER_STORE = '0190bbbb-0000-4000-8000-000000000002'

export const DIFF = `Terraform will perform the following actions:

  # aws_s3_bucket.store will be created
  + resource "aws_s3_bucket" "store" {
      + bucket = "my-bucket"
    }

  # aws_iam_user.store will be updated in-place
  ~ resource "aws_iam_user" "store" {
      ~ tags = {
          - "team" = "ml" -> null
        }
    }

  # aws_iam_role.multipart must be replaced
-/+ resource "aws_iam_role" "multipart" {
    }

Plan: 2 to add, 1 to change, 1 to destroy.`

export const facts: Facts = {
  command: 'plan',
  bucket: 'my-bucket',
  region: 'eu-west-1',
  storeName: 'my-bucket',
  setDefault: true,
  valohaiOrigin: 'https://app.valohai.com',
  project: 'acme/churn-model',
  kmsKeyArn: undefined,
  stateBucket: { name: 'my-bucket-tfstate', region: 'eu-west-1' },
}

export const aws: AwsOutcome = {
  toAdd: 2,
  toChange: 1,
  toDestroy: 1,
  changes: [
    { address: 'aws_s3_bucket.store', type: 'aws_s3_bucket', action: 'create' },
    { address: 'aws_iam_user.store', type: 'aws_iam_user', action: 'update' },
    { address: 'aws_iam_role.multipart', type: 'aws_iam_role', action: 'replace' },
    { address: 'aws_iam_access_key.store["1"]', type: 'aws_iam_access_key', action: 'create' },
  ],
  diff: DIFF,
  directory: '/tmp/terraform',
  bucketArn: undefined,
  iamUserArn: undefined,
  multipartRoleArn: undefined,
}

export const valohai: ValohaiOutcome = {
  project: 'acme/churn-model',
  projectUrl: 'https://app.valohai.com/p/acme/churn-model/',
  storeName: 'my-bucket',
  storeId: undefined,
  storeUrl: undefined,
  action: 'created',
  fields: [],
  newKey: true,
  defaultStore: { before: OTHER_STORE, changes: true, isThisStore: false },
}

const NO_KEYS: KeysOutcome = { current: undefined, retiring: [] }

export const planned: Outcome = {
  command: 'plan',
  isDone: false,
  changes: true,
  digest: '0123456789abcdef,fedcba9876543210',
  steps: [],
  aws,
  valohai,
  keys: NO_KEYS,
  waits: [],
  takenDown: undefined,
}

export const nothing: Outcome = {
  ...planned,
  changes: false,
  digest: 'none',
  aws: { ...aws, toAdd: 0, toChange: 0, toDestroy: 0, changes: [], diff: undefined },
  valohai: {
    ...valohai,
    storeId: STORE_ID,
    action: 'unchanged',
    newKey: false,
    defaultStore: { before: STORE_ID, changes: false, isThisStore: true },
  },
}

export const applied: Outcome = {
  ...planned,
  command: 'apply',
  isDone: true,
  keys: { ...NO_KEYS, current: { id: 'AKIAIOSFODNN7EXAMPLE', created: new Date('2026-01-01T00:00:00Z') } },
  aws: {
    ...aws,
    diff: undefined,
    bucketArn: 'arn:aws:s3:::my-bucket',
    iamUserArn: 'arn:aws:iam::123456789012:user/valohai-my-bucket',
    multipartRoleArn: 'arn:aws:iam::123456789012:role/valohai-my-bucket-multipart',
  },
  valohai: {
    ...valohai,
    storeId: STORE_ID,
    storeUrl: 'https://app.valohai.com/p/acme/churn-model/settings/data-stores/',
    defaultStore: { before: OTHER_STORE, changes: true, isThisStore: true },
  },
}

export const github: GithubContext = {
  apiUrl: 'https://api.github.com',
  repository: { owner: 'acme', repo: 'ml-platform' },
  runUrl: 'https://github.com/acme/ml-platform/actions/runs/99/attempts/1',
  commit: 'fedcba9876543210fedcba9876543210fedcba98',
  pullRequest: { number: 17, head: '0123456789abcdef0123456789abcdef01234567', readOnly: undefined },
}

/** A configuration as the front door has it, token and all. */
export const request: Request = {
  command: 'plan',
  store: defaultOptions('my-bucket'),
  terraform: {
    version: '1.11.4',
    versionIsExplicit: false,
    awsProviderVersion: '5.100.0',
    backend: {
      type: 's3',
      bucket: 'my-bucket-tfstate',
      key: 'k',
      region: 'eu-west-1',
      owner: undefined,
      extra: {},
    },
  },
  valohai: { origin: 'https://app.valohai.com', token: TOKEN, projects: ['acme/churn-model'] },
  output: { directory: 'out', directoryIsExplicit: false, format: 'hcl', layout: 'root', force: false },
  github: { comment: true, issue: false, token: 'ghs_of-the-workflow' },
  aws: { allowedAccountIds: [], proveKey: true },
}

/** Values that try to be more than a value. */
export const HOSTILE = [
  '--> <!-- ```\n```\n</details><script>alert(1)</script>',
  '| a | b |\n| --- | --- |\n# @acme/admins #1 [x](javascript:alert(1)) ![](https://evil.example/x.png)',
  '"]; click a "javascript:alert(1)" %% end\n```\n',
  '\u202egnp.exe \ud800 \u0000 \u2028 $x$ :smile: **bold** `tick` ~~s~~',
]
