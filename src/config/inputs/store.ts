import { bucketName } from '../bucket'
import { iamName, iamPath, policyArn } from '../iam-name'
import { kmsKeyArn, kmsKeyArns } from '../kms'
import { regionCode } from '../region'
import { boolean, choice, wholeNumber } from '../scalars'
import { tagMap } from '../tags'
import { DEFAULT_ORIGIN, storeName, valohaiOrigin } from '../valohai'
import type { StoreInput } from './input'

// S3 sets no limit of its own; ten years are longer than anybody means.
const MOST_DAYS = 3650

/** Which bucket: what no command does without. */
export const BUCKET_INPUTS = {
  bucket: {
    description:
      "Name of the S3 bucket. S3's naming rules hold, and dots are not allowed. Of `connect` the outputs say it.",
    missing: 'Give the name of the bucket, for example "my-valohai-bucket"',
    field: 'bucketName',
    parser: bucketName,
  },
  region: {
    description: 'AWS region of the bucket, for example `eu-west-1`.',
    defaultText: '`AWS_REGION`, then `AWS_DEFAULT_REGION`',
    environment: ['AWS_REGION', 'AWS_DEFAULT_REGION'],
    missing: 'Give a region, for example "eu-west-1", or set AWS_REGION',
    field: 'region',
    parser: regionCode,
  },
} as const satisfies Readonly<Record<string, StoreInput>>

/** How the bucket, its user and role, and the store are to be. */
export const STORE_INPUTS = {
  'valohai-url': {
    description:
      'Address of your own Valohai installation. Uploads from the web UI are allowed from there. ' +
      'It is https, or http on a loopback address.',
    defaultText: '`VALOHAI_HOST`, then `VH_HOST`, then `https://app.valohai.com`',
    environment: ['VALOHAI_HOST', 'VH_HOST'],
    fallback: DEFAULT_ORIGIN,
    field: 'valohaiOrigin',
    parser: valohaiOrigin,
  },
  'store-name': {
    description: 'Name of the data store in Valohai, 64 characters at most.',
    defaultText: "the bucket's name; with `manage-bucket: false` the project's follows",
    field: 'storeName',
    parser: storeName,
  },
  'store-access': {
    description:
      "Who may use the store: `project`, the project alone, or `organization`, all projects of the project's owner.",
    default: 'project',
    field: 'storeAccess',
    parser: choice(['project', 'organization']),
  },
  'set-default': {
    description: "Whether the store becomes the project's default store, so that outputs land in it.",
    default: 'true',
    field: 'setDefault',
    parser: boolean,
  },
  'manage-bucket': {
    description:
      'Whether the bucket is made and set up. With `false` it is there already, nothing of it is touched, and ' +
      'names come from bucket and project: for a second project on the same bucket, or a bucket managed elsewhere.',
    default: 'true',
    field: 'manageBucket',
    parser: boolean,
  },
  adopt: {
    description:
      'Take over what people made by hand: the bucket, the user and the role of these names, and the store in ' +
      'Valohai. It is imported and added to; a run that would have to change anything of it stops first.',
    default: 'false',
    field: 'adopt',
    parser: boolean,
  },
  'public-access-block': {
    description:
      'Whether the bucket, and a new state bucket, get a public access block of their own. `false` is for accounts ' +
      'where a policy of the organization has it and denies setting it.',
    default: 'true',
    field: 'publicAccessBlock',
    parser: boolean,
  },
  cors: {
    description: "Whether the bucket allows uploads from Valohai's web UI (CORS rules).",
    default: 'true',
    field: 'cors',
    parser: boolean,
  },
  multipart: {
    description: 'Whether to make the IAM role that outputs over 5 GB need.',
    default: 'true',
    field: 'multipart',
    parser: boolean,
  },
  'iam-user-name': {
    description: 'Name of the IAM user that Valohai uses the bucket as.',
    defaultText: "derived from the bucket's name",
    field: 'iamUserName',
    parser: iamName,
  },
  'multipart-role-name': {
    description: 'Name of the IAM role for outputs over 5 GB.',
    defaultText: "derived from the bucket's name",
    field: 'multipartRoleName',
    parser: iamName,
  },
  'iam-path': {
    description: 'IAM path of the user and the role, for example `/valohai/`.',
    default: '/',
    field: 'iamPath',
    parser: iamPath,
  },
  'permissions-boundary': {
    description: 'ARN of the IAM policy that bounds what the user and the role may do.',
    defaultText: 'none',
    field: 'permissionsBoundary',
    parser: policyArn,
  },
  'kms-key-arn': {
    description:
      "ARN of a KMS key in the bucket's region to encrypt objects with (SSE-KMS). " +
      'The user and the role get the grants they then need.',
    defaultText: 'none, S3 encrypts with keys of its own (SSE-S3)',
    field: 'kmsKeyArn',
    parser: kmsKeyArn,
  },
  'kms-decrypt-key-arns': {
    description:
      'ARNs of KMS keys that objects were encrypted with earlier, one a line. The user and the role may read with them.',
    defaultText: 'those that were `kms-key-arn` before',
    multiline: true,
    fallback: [],
    field: 'kmsDecryptKeyArns',
    parser: kmsKeyArns,
  },
  versioning: {
    description: 'Whether the bucket keeps old versions of its objects.',
    default: 'false',
    field: 'versioning',
    parser: boolean,
  },
  'noncurrent-days': {
    description: 'Days after which an old version expires, with `versioning`. 0 keeps old versions for ever.',
    default: '90',
    field: 'noncurrentDays',
    parser: wholeNumber('days', 0, MOST_DAYS),
  },
  'abort-multipart-days': {
    description:
      'Days after which an unfinished multipart upload is removed. 0 leaves the lifecycle rule out.',
    defaultText: '`7`; none where the bucket has lifecycle rules of others',
    field: 'abortMultipartDays',
    parser: wholeNumber('days', 0, MOST_DAYS),
  },
  'deny-reconfiguration': {
    description:
      "Whether the bucket's policy denies Valohai's user what would undo its settings, and everybody uploads that are " +
      'encrypted with a key of their own (SSE-C).',
    default: 'false',
    field: 'denyReconfiguration',
    parser: boolean,
  },
  'max-key-age-days': {
    description:
      'Days after which `apply` replaces the access key; more than `key-grace-days`. A scheduled run is needed for it.',
    defaultText: 'none, `rotate-key` replaces it',
    field: 'maxKeyAgeDays',
    parser: wholeNumber('days', 1, MOST_DAYS),
  },
  'key-grace-days': {
    description:
      'Days that a replaced access key stays active, since URLs that it signed die with it. 0 removes it as soon as ' +
      'the store has its successor: for a key that leaked.',
    default: '7',
    field: 'keyGraceDays',
    parser: wholeNumber('days', 0, MOST_DAYS),
  },
  tags: {
    description:
      'Tags for every resource that takes tags, and for a new state bucket, one `key=value` a line.',
    defaultText: 'none',
    multiline: true,
    fallback: {},
    field: 'tags',
    parser: tagMap,
  },
} as const satisfies Readonly<Record<string, StoreInput>>
