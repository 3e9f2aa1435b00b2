import { keyVariables } from './key-variables'
import {
  IAM_PATH,
  KMS_KEY_ARN,
  POLICY_ARN,
  RESERVED_PREFIXES,
  RESERVED_SUFFIXES,
  roleName,
  STATE_TAG,
  userName,
} from '../store/names'
import { abortDays, partsOf } from '../store/parts'
import { ABORT_DAYS, type StoreSpec } from '../store/spec'
import type { JsonObject, JsonValue } from '../store/json'
import { iamName, keyList, matches, others, tagRules, validation, wholeDays } from './kinds-of-variables'

const RESERVED_NAME = `^(${RESERVED_PREFIXES.join('|')})|(${RESERVED_SUFFIXES.join('|').replaceAll('.', '[.]')})$`

/** A variable of the configuration, and the value that it has for a spec. */
export interface Variable {
  readonly name: string
  readonly value: JsonValue
  /** Its block. A default is what a stranger who calls the module would want, never a value of this spec. */
  readonly body: JsonObject
}

/**
 * The variables that the structure of a spec uses, in the order a person reads them.
 *
 * @param isRoot whether the provider is here too: a module's caller has it, with the region and tags to leave
 */
export function variablesOf(spec: StoreSpec, isRoot: boolean): readonly Variable[] {
  const parts = partsOf(spec)
  return [
    {
      name: 'bucket_name',
      value: spec.bucketName,
      body: {
        type: 'string',
        description: spec.manageBucket
          ? 'Name of the bucket. Unique in the whole AWS partition; no dots, which break TLS.'
          : 'Name of the bucket, which is there already.',
        nullable: false,
        validation: [
          ...matches(
            'bucket_name',
            '^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$',
            'A bucket name has 3 to 63 characters: lower-case letters, digits and hyphens, with a letter or digit at both ends.',
          ),
          ...validation(
            `!can(regex(
  "${RESERVED_NAME}",
  var.bucket_name
))`,
            'S3 keeps names of this beginning or end for itself.',
          ),
        ],
      },
    },
    ...only(isRoot || !spec.manageBucket, {
      name: 'region',
      value: spec.region,
      body: {
        type: 'string',
        description: 'AWS region of the bucket.',
        nullable: false,
        validation: matches(
          'region',
          '^[a-z]+(-[a-z]+)+-[0-9]+$',
          'Give the code of a region, like eu-west-1.',
        ),
      },
    }),
    ...only(parts.cors, {
      name: 'valohai_origin',
      value: spec.valohaiOrigin,
      body: {
        type: 'string',
        description:
          "Origin of Valohai's web app, which may POST uploads to the bucket: scheme and host, no path.",
        default: 'https://app.valohai.com',
        nullable: false,
        validation: matches(
          'valohai_origin',
          '^https?://[^/]+$',
          'An origin is a scheme and a host, like https://app.valohai.com, without a path or a slash at the end.',
        ),
      },
    }),
    iamName('iam_user_name', 'IAM user that Valohai works as', givenName(spec, spec.iamUserName, userName)),
    ...only(
      spec.multipart,
      iamName(
        'multipart_role_name',
        'role for outputs over 5 GB',
        givenName(spec, spec.multipartRoleName, roleName),
      ),
    ),
    {
      name: 'iam_path',
      value: spec.iamPath,
      body: {
        type: 'string',
        description: `IAM path of the user${spec.multipart ? ' and the role' : ''}.`,
        default: '/',
        nullable: false,
        validation: matches('iam_path', IAM_PATH, 'A path begins and ends with a slash, like /valohai/.'),
      },
    },
    {
      name: 'permissions_boundary',
      value: spec.permissionsBoundary ?? spec.others.permissionsBoundary ?? null,
      body: {
        type: 'string',
        description: `ARN of the policy that bounds what the user${spec.multipart ? ' and the role' : ''} may do. Null for none.`,
        default: null,
        validation: validation(
          `(
  var.permissions_boundary == null ||
  can(regex("${POLICY_ARN}", var.permissions_boundary))
)`,
          'Give the ARN of a policy, like arn:aws:iam::123456789012:policy/boundary.',
        ),
      },
    },
    ...only(spec.kmsKeyArn !== undefined, {
      name: 'kms_key_arn',
      value: spec.kmsKeyArn ?? null,
      body: {
        type: 'string',
        description:
          'ARN of the KMS key that encrypts the objects. Its key policy must let the account grant access through IAM.',
        nullable: false,
        validation: validation(
          `can(regex(
  "${KMS_KEY_ARN}",
  var.kms_key_arn
))`,
          "Give the key's own ARN (arn:aws:kms:…:key/…), not an alias or a bare id.",
        ),
      },
    }),
    ...only(parts.bucketKey, {
      name: 'bucket_key_enabled',
      value: spec.others.bucketKeyEnabled ?? spec.kmsKeyArn !== undefined,
      body: {
        type: 'bool',
        description: 'Whether a bucket key stands for many calls to KMS, and their price.',
        default: true,
        nullable: false,
      },
    }),
    ...only(
      spec.kmsKeptKeyArns.length > 0,
      keyList(
        'kms_kept_key_arns',
        'ARNs of earlier KMS keys that Valohai may still write with.',
        spec.kmsKeptKeyArns,
      ),
    ),
    ...only(
      spec.kmsDecryptKeyArns.length > 0,
      keyList(
        'kms_decrypt_key_arns',
        'ARNs of the KMS keys of objects that were written earlier: granted for reading.',
        spec.kmsDecryptKeyArns,
      ),
    ),
    ...only(parts.aborts, {
      name: 'abort_multipart_days',
      value: abortDays(spec),
      body: wholeDays(
        'abort_multipart_days',
        'Days after which an unfinished multipart upload is given up.',
        ABORT_DAYS,
      ),
    }),
    ...only(parts.expires, {
      name: 'noncurrent_days',
      value: spec.noncurrentDays,
      body: wholeDays('noncurrent_days', 'Days after which an old version of an object expires.', 90),
    }),
    ...keyVariables(),
    {
      name: 'tags',
      value: spec.stateTag === undefined ? spec.tags : { ...spec.tags, [STATE_TAG]: spec.stateTag },
      body: {
        type: 'map(string)',
        description: 'Tags of everything here that takes tags.',
        default: {},
        nullable: false,
        validation: tagRules('tags'),
      },
    },
    ...only(
      spec.manageBucket,
      others(
        'other_policy_statements',
        "Further statements of the bucket's policy, as objects of its JSON.",
        spec.others.policyStatements,
      ),
    ),
    ...only(
      parts.cors,
      others(
        'other_cors_rules',
        'Further CORS rules of the bucket, with the attributes of a cors_rule block.',
        spec.others.corsRules,
      ),
    ),
    ...only(
      parts.lifecycle,
      others(
        'other_lifecycle_rules',
        'Further lifecycle rules of the bucket, with the attributes and blocks of a rule block.',
        spec.others.lifecycleRules,
      ),
    ),
    ...only(isRoot, {
      name: 'other_tag_keys',
      value: spec.others.tagKeys,
      body: {
        type: 'list(string)',
        description: 'Keys of tags that others set on what is made here: left as they are.',
        default: [],
        nullable: false,
      },
    }),
  ]
}

/** The names of all variables that there are, whatever a spec uses. */
export function everyVariable(spec: StoreSpec): string[] {
  const ofKeys = { kmsKeyArn: '', kmsKeptKeyArns: [''], kmsDecryptKeyArns: [''] }
  const ofBucket = {
    manageBucket: true,
    cors: true,
    versioning: true,
    noncurrentDays: 1,
    abortMultipartDays: 1,
  }
  return variablesOf({ ...spec, ...ofKeys, ...ofBucket, multipart: true }, true).map(({ name }) => name)
}

/** The values of all variables of a root, by name: nothing that is left out could come from elsewhere. */
export function valuesOf(spec: StoreSpec): Readonly<Record<string, JsonValue>> {
  return Object.fromEntries(variablesOf(spec, true).map(({ name, value }) => [name, value]))
}

function only(condition: boolean, variable: Variable): Variable[] {
  return condition ? [variable] : []
}

/** The configuration makes names from the bucket's alone; where a project is part of them, they are given. */
function givenName(
  spec: StoreSpec,
  given: string | undefined,
  derived: (spec: StoreSpec) => string,
): string | null {
  return given ?? (spec.manageBucket ? null : derived(spec))
}
