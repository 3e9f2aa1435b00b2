import { defaultOptions } from '../support/options'
import { NO_OTHERS, type StoreSpec } from '../../src/store/spec'
import { grantedKmsKeys } from '../../src/store/policies'
import { synthesize, type Target } from '../../src/infra/synthesize'
import { evaluate } from './hcl/terraform'

const OPTIONS = defaultOptions('my-bucket')

const KMS = 'arn:aws:kms:eu-west-1:123456789012:key/1'

/* eslint-disable @typescript-eslint/no-explicit-any -- Terraform's JSON, of whatever shape */
interface Configuration {
  readonly terraform: any
  readonly provider: any
  readonly variable: Readonly<Record<string, any>>
  readonly locals: Readonly<Record<string, string>>
  readonly resource: Readonly<Record<string, Readonly<Record<string, any>>>>
  readonly output: Readonly<Record<string, any>>
}
/* eslint-enable @typescript-eslint/no-explicit-any */

function filesOf(options: Partial<StoreSpec> = {}, target: Partial<Target> = {}): Map<string, string> {
  return new Map(
    synthesize(
      { ...OPTIONS, ...options },
      {
        layout: 'root',
        format: 'json',
        backend: { type: 's3', settings: { bucket: 'state', use_lockfile: true } },
        awsProviderVersion: '5.100.0',
        ...target,
      },
    ),
  )
}

/** The values that a root has. */
const valuesFor = (options: Partial<StoreSpec>): Record<string, unknown> =>
  JSON.parse(filesOf(options).get('terraform.tfvars.json')!) as Record<string, unknown>

/** Everything that is synthesized, as Terraform reads it: all files as one. */
function configurationOf(options: Partial<StoreSpec> = {}, target: Partial<Target> = {}): Configuration {
  const merged: Record<string, Record<string, unknown>> = {}
  for (const [name, text] of filesOf(options, target)) {
    if (!name.endsWith('.tf.json')) continue
    for (const [type, value] of Object.entries(JSON.parse(text) as Record<string, object>)) {
      if (type === '//') continue
      merged[type] = { ...merged[type], ...value }
    }
  }
  return merged as unknown as Configuration
}

const addressesOf = ({ resource }: Configuration): string[] =>
  Object.entries(resource)
    .flatMap(([type, named]) => Object.keys(named).map((name) => `${type}.${name}`))
    .sort()

const BASE = [
  'aws_iam_access_key.store',
  'aws_iam_user.store',
  'aws_iam_user_policy.store',
  'aws_s3_bucket.store',
  'aws_s3_bucket_ownership_controls.store',
  'aws_s3_bucket_policy.store',
  'aws_s3_bucket_public_access_block.store',
  'aws_s3_bucket_server_side_encryption_configuration.store',
]
const CORS = ['aws_s3_bucket_cors_configuration.store']
const MULTIPART = ['aws_iam_role.multipart', 'aws_iam_role_policy.multipart']
const LIFECYCLE = ['aws_s3_bucket_lifecycle_configuration.store']
const VERSIONING = ['aws_s3_bucket_versioning.store']

const ALWAYS = [
  ...['access_key_generations', 'bucket_name', 'iam_path', 'iam_user_name'],
  ...['other_policy_statements', 'other_tag_keys', 'permissions_boundary', 'pgp_key', 'region', 'tags'],
]

// Addresses are public API: who has a state would lose the resource of an address that changes.
describe('the addresses', () => {
  const none = { cors: false, multipart: false, abortMultipartDays: 0 }

  it.each<[string, Partial<StoreSpec>, string[], string[]]>([
    [
      'with the defaults',
      {},
      [...CORS, ...MULTIPART, ...LIFECYCLE],
      [
        'valohai_origin',
        'other_cors_rules',
        'multipart_role_name',
        'abort_multipart_days',
        'other_lifecycle_rules',
      ],
    ],
    ['with nothing optional', none, [], []],
    ['with CORS', { ...none, cors: true }, CORS, ['valohai_origin', 'other_cors_rules']],
    ['with the role', { ...none, multipart: true }, MULTIPART, ['multipart_role_name']],
    [
      'with the lifecycle rule',
      { ...none, abortMultipartDays: 1 },
      LIFECYCLE,
      ['abort_multipart_days', 'other_lifecycle_rules'],
    ],
    [
      'with versioning',
      { ...none, versioning: true },
      [...VERSIONING, ...LIFECYCLE],
      ['noncurrent_days', 'other_lifecycle_rules'],
    ],
    ['with versions kept for ever', { ...none, versioning: true, noncurrentDays: 0 }, VERSIONING, []],
    [
      'with earlier keys',
      { ...none, kmsDecryptKeyArns: [KMS], kmsKeptKeyArns: [KMS] },
      [],
      ['kms_decrypt_key_arns', 'kms_kept_key_arns'],
    ],
    ['with a KMS key', { ...none, kmsKeyArn: KMS }, [], ['bucket_key_enabled', 'kms_key_arn']],
    ['with names of its own', { ...none, iamUserName: 'u', multipartRoleName: 'r' }, [], []],
    ['with tags', { ...none, tags: { team: 'ml' } }, [], []],
  ])('%s', (_what, options, more, variables) => {
    const configuration = configurationOf(options)
    expect(addressesOf(configuration)).toEqual([...BASE, ...more].sort())
    // What depends on a module would make everything unknown that hangs on a data source of its.
    expect(configuration).not.toHaveProperty('data')
    const added = variables.filter((name) => !ALWAYS.includes(name))
    expect(Object.keys(configuration.variable).sort()).toEqual([...ALWAYS, ...added].sort())
  })

  it('has no public access block where the organization has it', () => {
    const addresses = addressesOf(configurationOf({ ...none, publicAccessBlock: false }))
    expect(addresses).toEqual(BASE.filter((address) => address !== 'aws_s3_bucket_public_access_block.store'))
  })

  it('has nothing of a bucket that is managed elsewhere but its name', () => {
    const configuration = configurationOf({ manageBucket: false })
    expect(addressesOf(configuration).filter((address) => address.startsWith('aws_s3'))).toEqual([])
    expect(configuration.output.bucket_arn.value).toBe('arn:${local.partition}:s3:::${var.bucket_name}')
    expect(configuration.output.region.value).toBe('${var.region}')
    expect(configuration.locals.partition).toBe('${split(":", aws_iam_user.store.arn)[1]}')
    expect(configurationOf({ manageBucket: false }, { layout: 'module' }).variable).toHaveProperty('region')
  })

  it('are the same in a module', () => {
    expect(addressesOf(configurationOf({}, { layout: 'module' }))).toEqual(addressesOf(configurationOf()))
  })
})

it('the outputs are those that a run reads', () => {
  const names = (options: Partial<StoreSpec>): string[] => Object.keys(configurationOf(options).output).sort()
  const always = [
    'access_key_id',
    'access_keys',
    'bucket',
    'bucket_arn',
    'encrypted_secret_access_key',
    'iam_user_arn',
    'iam_user_name',
    'region',
    'secret_access_key',
  ]
  expect(names({})).toEqual([...always, 'multipart_role_arn', 'valohai_origin'].sort())
  expect(names({ multipart: false, cors: false })).toEqual(always)
  // Told only once the rules are so, since the next run knows ours among others' by it.
  expect(configurationOf().output.valohai_origin.depends_on).toEqual([
    'aws_s3_bucket_cors_configuration.store',
  ])
})

it('the secret alone is a sensitive output', () => {
  const { output } = configurationOf()
  const sensitive = Object.keys(output).filter((name) => output[name].sensitive === true)
  expect(sensitive).toEqual(['secret_access_key'])
})

describe('the bucket', () => {
  const bucketOf = (options: Partial<StoreSpec> = {}): Record<string, unknown> =>
    configurationOf(options).resource.aws_s3_bucket!.store as Record<string, unknown>

  it.each([{}, { versioning: true }, { kmsKeyArn: KMS }])(
    'cannot be destroyed, its data neither: %j',
    (options) => {
      expect(bucketOf(options)).toMatchObject({ lifecycle: { prevent_destroy: true }, force_destroy: false })
    },
  )

  it('is closed to the public', () => {
    const { resource } = configurationOf()
    expect(resource.aws_s3_bucket_public_access_block!.store).toMatchObject({
      bucket: '${aws_s3_bucket.store.id}',
      block_public_acls: true,
      block_public_policy: true,
      ignore_public_acls: true,
      restrict_public_buckets: true,
    })
    expect(resource.aws_s3_bucket_ownership_controls!.store).toMatchObject({
      rule: { object_ownership: 'BucketOwnerEnforced' },
    })
  })

  const encryption = (options: Partial<StoreSpec>): unknown =>
    configurationOf(options).resource.aws_s3_bucket_server_side_encryption_configuration!.store.rule

  it('is encrypted by S3', () => {
    const byS3 = { apply_server_side_encryption_by_default: { sse_algorithm: 'AES256' } }
    expect(encryption({})).toEqual([byS3])
    // As the console makes buckets.
    const seen = { others: { ...NO_OTHERS, bucketKeyEnabled: true } }
    expect(encryption(seen)).toEqual([{ ...byS3, bucket_key_enabled: '${var.bucket_key_enabled}' }])
    expect(valuesFor(seen).bucket_key_enabled).toBe(true)
  })

  it('is encrypted with the KMS key that was asked for', () => {
    expect(encryption({ kmsKeyArn: KMS })).toEqual([
      {
        apply_server_side_encryption_by_default: {
          sse_algorithm: 'aws:kms',
          kms_master_key_id: '${var.kms_key_arn}',
        },
        bucket_key_enabled: '${var.bucket_key_enabled}',
      },
    ])
    expect(valuesFor({ kmsKeyArn: KMS })).toMatchObject({ kms_key_arn: KMS, bucket_key_enabled: true })
    expect(configurationOf({ kmsKeyArn: KMS }).variable.kms_key_arn).not.toHaveProperty('default')
  })

  it('keeps versions where it is asked to', () => {
    const { resource } = configurationOf({ versioning: true })
    expect(resource.aws_s3_bucket_versioning!.store.versioning_configuration).toEqual({ status: 'Enabled' })
  })

  it("has the guide's CORS rules", () => {
    const options = { valohaiOrigin: 'https://valohai.example.com' }
    const { resource, variable } = configurationOf(options)
    const rule = { allowed_headers: ['Authorization'], max_age_seconds: 3000 }
    expect(resource.aws_s3_bucket_cors_configuration!.store.cors_rule).toEqual([
      { ...rule, allowed_methods: ['GET'], allowed_origins: ['*'] },
      { ...rule, allowed_methods: ['POST'], allowed_origins: ['${var.valohai_origin}'] },
    ])
    expect(valuesFor(options).valohai_origin).toBe('https://valohai.example.com')
    expect(variable.valohai_origin.default).toBe('https://app.valohai.com')
  })

  it('has a lifecycle rule that gives up unfinished uploads and expires nothing', () => {
    const { resource, variable } = configurationOf({ abortMultipartDays: 3 })
    expect(valuesFor({ abortMultipartDays: 3 }).abort_multipart_days).toBe(3)
    expect(resource.aws_s3_bucket_lifecycle_configuration!.store.rule).toEqual([
      {
        id: 'abort-incomplete-multipart-uploads',
        status: 'Enabled',
        filter: [{}],
        abort_incomplete_multipart_upload: [{ days_after_initiation: '${var.abort_multipart_days}' }],
      },
    ])
    expect(variable.abort_multipart_days.default).toBe(7)
  })
})

describe('the keys', () => {
  it('are one a generation, and stay what they are whatever public key comes later', () => {
    expect(configurationOf().resource.aws_iam_access_key!.store).toMatchObject({
      for_each: '${var.access_key_generations}',
      pgp_key: '${var.pgp_key}',
      lifecycle: { ignore_changes: ['pgp_key', 'status'] },
    })
  })

  it('begin with the first generation, and without a public key', () => {
    const { variable } = configurationOf()
    expect(variable.access_key_generations.default).toEqual(['1'])
    expect(variable.pgp_key.default).toBeNull()
  })

  it('has the highest generation for the current one, by number', () => {
    const { locals } = configurationOf()
    const generation = locals.current_generation!.slice(2, -1)
    const text = `locals {
      generations = [for set in [["1"], ["1", "2"], ["9", "10"]] : ${generation.replaceAll('var.access_key_generations', 'toset(set)')}]
    }`
    expect(evaluate('main.tf', text, 'local.generations')).toEqual(['1', '2', '10'])
  })
})

it('the role is recreated with the user, whose deletion voids the trust', () => {
  expect(configurationOf().resource.aws_iam_role!.multipart.lifecycle).toEqual({
    ignore_changes: ['description', 'max_session_duration'],
    replace_triggered_by: ['aws_iam_user.store.unique_id'],
  })
})

describe('the policies, as Terraform evaluates them', () => {
  const BUCKET = 'arn:aws-cn:s3:::my-bucket'
  const USER = 'arn:aws-cn:iam::123456789012:user/valohai-my-bucket'
  const OF_BUCKET = [BUCKET, `${BUCKET}/*`]
  const OF_KEY = {
    Sid: 'AllowBucketKey',
    Effect: 'Allow',
    Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
    Resource: [KMS],
  }

  /** Evaluates policies with values in place of what AWS would tell. */
  function evaluatePolicies(options: Partial<StoreSpec>): Record<string, unknown> {
    const { resource, locals } = configurationOf(options)
    const known: Record<string, string> = {
      'aws_s3_bucket.store.arn': BUCKET,
      'aws_iam_user.store.arn': USER,
      'var.kms_key_arn': KMS,
    }
    const policies: Record<string, string | undefined> = {
      bucket: resource.aws_s3_bucket_policy!.store.policy as string,
      user: resource.aws_iam_user_policy!.store.policy as string,
      role: resource.aws_iam_role_policy?.multipart.policy as string | undefined,
      trust: resource.aws_iam_role?.multipart.assume_role_policy as string | undefined,
    }
    const partition = locals.partition!.replaceAll('aws_s3_bucket.store.arn', JSON.stringify(BUCKET))
    const documents = Object.fromEntries(
      Object.entries(policies).flatMap(([name, policy]) => {
        if (policy === undefined) return []
        const text = Object.entries(known).reduce(
          (document, [reference, value]) => document.replaceAll(`\${${reference}}`, value),
          policy,
        )
        return [[name, text]]
      }),
    )
    const all = `{${Object.keys(documents)
      .map((name) => `${name} = jsondecode(local.${name})`)
      .join(', ')}}`
    const variable = {
      other_policy_statements: {
        default: [
          { Sid: 'Theirs', Action: ['a'] },
          { Sid: '${x}', Action: 'b' },
        ],
      },
      kms_kept_key_arns: { default: options.kmsKeptKeyArns },
      kms_decrypt_key_arns: { default: options.kmsDecryptKeyArns },
    }
    const configuration = { locals: { ...documents, partition }, variable }
    return evaluate('main.tf.json', JSON.stringify(configuration), all) as Record<string, unknown>
  }

  const THEIRS = [
    { Sid: 'Theirs', Action: ['a'] },
    { Sid: '${x}', Action: 'b' },
  ]
  const bucket = {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'DenyInsecureTransport',
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: OF_BUCKET,
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
      ...THEIRS,
    ],
  }
  const user = [
    { Sid: 'AllowBucketAccess', Effect: 'Allow', Action: ['s3:*'], Resource: OF_BUCKET },
    {
      Sid: 'AllowListAccess',
      Effect: 'Allow',
      Action: ['s3:ListAllMyBuckets'],
      Resource: ['arn:aws-cn:s3:::*'],
    },
  ]
  const role = {
    Sid: 'MultipartAccess',
    Effect: 'Allow',
    Action: [
      's3:AbortMultipartUpload',
      's3:GetBucketLocation',
      's3:GetObject',
      's3:ListBucket',
      's3:ListBucketMultipartUploads',
      's3:ListBucketVersions',
      's3:ListMultipartUploadParts',
      's3:PutObject',
    ],
    Resource: OF_BUCKET,
  }
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: USER }, Action: 'sts:AssumeRole' }],
  }

  it("are the guide's, in any partition", () => {
    expect(evaluatePolicies({})).toEqual({
      bucket,
      user: { Version: '2012-10-17', Statement: user },
      role: { Version: '2012-10-17', Statement: [role] },
      trust,
    })
  })

  it('let the user and the role use the KMS key, and nobody else', () => {
    expect(evaluatePolicies({ kmsKeyArn: KMS })).toEqual({
      bucket,
      user: { Version: '2012-10-17', Statement: [...user, OF_KEY] },
      role: { Version: '2012-10-17', Statement: [role, OF_KEY] },
      trust,
    })
  })

  it('let them write with keys that are kept, and read with earlier ones', () => {
    const kept = { kmsKeyArn: KMS, kmsKeptKeyArns: ['k1', 'k2'], kmsDecryptKeyArns: ['k3'] }
    const grants = [
      { ...OF_KEY, Resource: [KMS, 'k1', 'k2'] },
      { Sid: 'AllowEarlierKeys', Effect: 'Allow', Action: ['kms:Decrypt'], Resource: ['k3'] },
    ]
    const policies = evaluatePolicies(kept)
    expect(policies.user).toEqual({ Version: '2012-10-17', Statement: [...user, ...grants] })
    expect(policies.role).toEqual({ Version: '2012-10-17', Statement: [role, ...grants] })
    expect(grantedKmsKeys(JSON.stringify(policies.user))).toEqual({
      whole: [KMS, 'k1', 'k2'],
      decrypt: ['k3'],
    })
    expect(grantedKmsKeys(JSON.stringify(evaluatePolicies({ kmsKeptKeyArns: ['k1'] }).user)).whole).toEqual([
      'k1',
    ])
  })

  it('refuse the user what undoes the settings, and everybody SSE-C, where that is asked for', () => {
    const { bucket } = evaluatePolicies({ denyReconfiguration: true }) as {
      bucket: { Statement: Record<string, unknown>[] }
    }
    expect(bucket.Statement).toHaveLength(5)
    const [, reconfiguration, customerKeys] = bucket.Statement
    expect(reconfiguration).toMatchObject({
      Effect: 'Deny',
      Resource: [BUCKET],
      Condition: { ArnEquals: { 'aws:PrincipalArn': USER } },
    })
    expect(customerKeys).toMatchObject({
      Effect: 'Deny',
      Principal: '*',
      Resource: [`${BUCKET}/*`],
      Condition: { Null: { 's3:x-amz-server-side-encryption-customer-algorithm': 'false' } },
    })
  })

  it('have no role where there is none', () => {
    expect(Object.keys(evaluatePolicies({ multipart: false }))).toEqual(['bucket', 'user'])
  })
})

describe('values', () => {
  it('of tags keep their keys as they are', () => {
    const tags = {
      'cost-center': '1',
      'a.b': '2',
      camelCase: '3',
      'with space': '4',
      snake_case: '5',
      ÄÖ: '6',
    }
    const { variable, resource } = configurationOf({ tags })
    expect(valuesFor({ tags }).tags).toEqual(tags)
    expect(valuesFor({ tags, stateTag: 's3://a/b' }).tags).toEqual({
      ...tags,
      'valohai-s3:state': 's3://a/b',
    })
    expect(variable.tags.default).toEqual({})
    for (const [type, name] of [
      ['aws_s3_bucket', 'store'],
      ['aws_iam_user', 'store'],
      ['aws_iam_role', 'multipart'],
    ] as const) {
      expect(resource[type]![name].tags).toBe('${var.tags}')
    }
  })

  it('of names come from the bucket, or are those asked for', () => {
    expect(valuesFor({ iamUserName: 'my-user', multipartRoleName: 'my-role' })).toMatchObject({
      iam_user_name: 'my-user',
      multipart_role_name: 'my-role',
    })
    const { variable: derived, resource } = configurationOf()
    expect(derived.iam_user_name.default).toBeNull()
    expect(derived.multipart_role_name.default).toBeNull()
    expect(resource.aws_iam_user!.store.name).toBe('${local.iam_user_name}')
    expect(resource.aws_iam_role!.multipart.name).toBe('${local.multipart_role_name}')
  })

  it('of the bucket alone has to be given', () => {
    const { variable } = configurationOf({}, { layout: 'module' })
    const required = Object.keys(variable).filter((name) => !('default' in variable[name]))
    expect(required).toEqual(['bucket_name'])
  })

  it('never hold an ARN that was put together but of the partition', () => {
    const { resource, output, locals } = configurationOf()
    expect(JSON.stringify({ resource, output, locals }).match(/arn:aws[:-]/g)).toBeNull()
  })
})

describe('the layout', () => {
  it('root has a provider, a backend and exact versions', () => {
    const { terraform, provider } = configurationOf()
    expect(provider).toEqual({
      aws: {
        region: '${var.region}',
        skip_region_validation: true,
        ignore_tags: [{ keys: '${var.other_tag_keys}' }],
      },
    })
    expect(terraform).toEqual({
      required_version: '>= 1.11.0',
      required_providers: { aws: { source: 'hashicorp/aws', version: '5.100.0' } },
      backend: { s3: { bucket: 'state', use_lockfile: true } },
    })
  })

  it('module has neither, and a range', () => {
    const configuration = configurationOf({}, { layout: 'module' })
    expect(configuration.provider).toBeUndefined()
    expect(configuration.variable.region).toBeUndefined()
    expect(configuration.terraform.backend).toBeUndefined()
    expect(configuration.terraform.required_version).toBe('>= 1.11.0')
    expect(configuration.terraform.required_providers.aws.version).toBe('>= 5.100.0, < 7.0.0')
    expect(filesOf({}, { layout: 'module' }).has('terraform.tfvars.json')).toBe(false)
  })
})

/** Everything under a `//`, wherever it stands. */
function commentsIn(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value as Record<string, unknown>).flatMap(([key, inner]) =>
    key === '//' ? [inner] : commentsIn(inner),
  )
}

it('has comments for people, and nothing of the tool that synthesized it', () => {
  const configuration = configurationOf({ versioning: true, kmsKeyArn: KMS })
  const comments = commentsIn(configuration)
  expect(comments.length).toBeGreaterThan(10)
  for (const comment of comments) expect(typeof comment).toBe('string')
  for (const [name, text] of [...filesOf(), ...filesOf({}, { format: 'hcl' })]) {
    expect([name, /cdktf|uniqueId|stackName|terraform-cdk|metadata/i.exec(text)?.[0]]).toEqual([
      name,
      undefined,
    ])
  }
})

it.each(['hcl', 'json'] as const)('the same options give the same bytes (%s)', (format) => {
  const twice = [1, 2].map(() => [...filesOf({ tags: { b: '1', a: '2' } }, { format })])
  expect(twice[0]).toEqual(twice[1])
})

it('Terraform takes the names of the synthesized configuration as they are', () => {
  const { variable, locals } = configurationOf()
  // Comments among locals are what Terraform could take for locals.
  const text = JSON.stringify({ variable, locals: { ...locals, partition: 'aws' } })
  const withName = text
    .replace('"bucket_name":{', '"bucket_name":{"default":"my-bucket",')
    .replace('"region":{', '"region":{"default":"eu-west-1",')
  expect(
    evaluate('main.tf.json', withName, '[local.iam_user_name, local.multipart_role_name, var.region]'),
  ).toEqual(['valohai-my-bucket', 'valohai-my-bucket-multipart', 'eu-west-1'])
})

describe('the top of main.tf', () => {
  it('is the same for a run and an export, whatever the backend', () => {
    const main = (target: Partial<Target>): string | undefined =>
      filesOf({}, { format: 'hcl', ...target }).get('main.tf')
    expect(main({ backend: { type: 'local', settings: {} } })).toBe(main({ awsProviderVersion: '6.40.0' }))
  })

  it('says the options that shaped it, and no value: those are in terraform.tfvars.json alone', () => {
    const main = (options: Partial<StoreSpec>): string => filesOf(options, { format: 'hcl' }).get('main.tf')!
    expect(main({ kmsKeyArn: KMS })).toContain('# Without versioning, noncurrent-days, deny-reconfiguration,')
    const values: Partial<StoreSpec> = {
      ...{ bucketName: 'another', region: 'cn-north-1', tags: { a: 'x\nresource' }, iamUserName: 'u' },
      ...{ valohaiOrigin: 'https://x', abortMultipartDays: 99, iamPath: '/p/', permissionsBoundary: 'arn' },
    }
    expect(main(values)).toBe(main({}))
  })
})

it.each<[Partial<StoreSpec>, string[]]>([
  [
    {},
    ['CKV_AWS_18', 'CKV_AWS_144', 'CKV2_AWS_62', 'CKV_AWS_21', 'CKV_AWS_145', 'CKV_AWS_273', 'CKV_AWS_40'],
  ],
  [
    { versioning: true, kmsKeyArn: KMS },
    ['CKV_AWS_18', 'CKV_AWS_144', 'CKV2_AWS_62', 'CKV_AWS_273', 'CKV_AWS_40'],
  ],
])('a skip stands only where its finding fires: %j', (options, ids) => {
  const main = filesOf(options, { format: 'hcl' }).get('main.tf')!
  expect([...main.matchAll(/^ {2}#checkov:skip=(\w+):/gm)].map(([, id]) => id)).toEqual(ids)
})
