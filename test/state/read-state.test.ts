import { EMPTY_STATE, parseState } from '../../src/state/read-state'

const KMS = 'arn:aws:kms:eu-west-1:123456789012:key/1'
/** A public key as the provider keeps it: base64 of the binary, in which its owner stands in plain. */
const pgpKey = (owner: string): string =>
  Buffer.from(`\u0098\u0033${owner}\u0088`, 'latin1').toString('base64')

const resource = (type: string, name: string, ...instances: object[]): Record<string, unknown> => ({
  mode: 'managed',
  type,
  name,
  provider: 'provider["registry.terraform.io/hashicorp/aws"]',
  instances: instances.map((instance) => ({ schema_version: 0, sensitive_attributes: [], ...instance })),
})

const key = (generation: string, attributes: object = {}): object => ({
  index_key: generation,
  attributes: {
    id: `AKIA${generation}`,
    create_date: '2026-01-01T00:00:00Z',
    encrypted_secret: `sealed ${generation}`,
    pgp_key: pgpKey('valohai-s3-action'),
    secret: null,
    status: 'Active',
    user: 'valohai-b',
    ...attributes,
  },
})

const policy = JSON.stringify({
  Statement: [{ Sid: 'AllowBucketAccess' }, { Sid: 'AllowBucketKey', Resource: [KMS] }],
})

const RESOURCES = [
  resource('aws_s3_bucket', 'store', {
    attributes: { bucket: 'b', arn: 'arn:aws:s3:::b', region: 'eu-west-1' },
  }),
  resource('aws_s3_bucket_policy', 'store', { attributes: { bucket: 'b', policy: '{}' } }),
  resource('aws_iam_user', 'store', {
    attributes: { name: 'valohai-b', arn: 'arn:aws:iam::1:user/valohai-b' },
  }),
  resource('aws_iam_user_policy', 'store', { attributes: { policy } }),
  resource('aws_iam_role', 'multipart', { attributes: { name: 'role', arn: 'arn:aws:iam::1:role/role' } }),
  resource('aws_iam_access_key', 'store', key('10'), key('9')),
]

/** A state as Terraform writes it. */
const stateOf = (resources: readonly unknown[] = RESOURCES): string =>
  JSON.stringify({
    version: 4,
    terraform_version: '1.11.4',
    serial: 3,
    lineage: 'l',
    outputs: {},
    resources,
    check_results: null,
  })

it('is read by its resources, and the generations by their number', () => {
  const stateKey = {
    created: new Date('2026-01-01T00:00:00Z'),
    sealedFor: pgpKey('valohai-s3-action'),
    isImported: false,
    mayBeAnywhere: false,
  }
  expect(parseState(stateOf())).toEqual({
    bucket: { name: 'b', arn: 'arn:aws:s3:::b', region: 'eu-west-1' },
    user: { name: 'valohai-b', arn: 'arn:aws:iam::1:user/valohai-b' },
    role: { name: 'role', arn: 'arn:aws:iam::1:role/role' },
    keys: [
      { generation: '9', id: 'AKIA9', sealedSecret: 'sealed 9', ...stateKey },
      { generation: '10', id: 'AKIA10', sealedSecret: 'sealed 10', ...stateKey },
    ],
    kms: { whole: [KMS], decrypt: [] },
    settings: ['aws_s3_bucket_policy'],
    tags: { bucket: {}, user: {}, role: {} },
    bucketName: undefined,
    origin: undefined,
    lifecycleRuleIds: [],
    plainSecrets: [],
  })
})

it('tells which settings, rules and tags Terraform holds, and what was imported', () => {
  const one = (type: string, attributes: object) => resource(type, 'store', { attributes })
  const text = JSON.stringify({
    ...(JSON.parse(
      stateOf([
        one('aws_s3_bucket', { bucket: 'b', arn: 'a', region: 'r', tags: { team: 'ml' } }),
        one('aws_s3_bucket_policy', {}),
        resource('aws_s3_bucket_cors_configuration', 'store'),
        one('aws_s3_bucket_lifecycle_configuration', { rule: [{ id: 'ours' }, { id: 'theirs' }] }),
        one('aws_iam_user', { name: 'u', arn: 'u', tags: null }),
        resource('aws_iam_access_key', 'store', { index_key: '1', attributes: { id: 'AKIA1' } }),
      ]),
    ) as object),
    outputs: {
      bucket: { value: 'b', type: 'string' },
      valohai_origin: { value: 'https://valohai.example', type: 'string' },
    },
  })
  expect(parseState(text)).toMatchObject({
    settings: ['aws_s3_bucket_policy', 'aws_s3_bucket_lifecycle_configuration'],
    tags: { bucket: { team: 'ml' }, user: {} },
    bucketName: 'b',
    origin: 'https://valohai.example',
    lifecycleRuleIds: ['ours', 'theirs'],
    keys: [{ isImported: true, mayBeAnywhere: true }],
  })
})

it.each([
  ['nothing was ever written', ' \n'],
  ['all was destroyed', stateOf([])],
])('is empty where %s', (_what, text) => {
  expect(parseState(text)).toEqual(EMPTY_STATE)
})

it.each<[what: string, attributes: object, mayBeAnywhere: boolean]>([
  ['sealed for a run', {}, false],
  ['sealed for a person', { pgp_key: pgpKey('alice@example.com') }, true],
  ['in plain', { encrypted_secret: null, pgp_key: null, secret: 'in plain' }, true],
  ['sealed, and in plain as well', { secret: 'in plain' }, true],
  ['nowhere, as the key was imported', { encrypted_secret: null, pgp_key: null }, true],
])('a key whose secret is %s', (_what, attributes, mayBeAnywhere) => {
  const { keys, plainSecrets } = parseState(
    stateOf([resource('aws_iam_access_key', 'store', key('1', attributes))]),
  )
  expect(keys[0]?.mayBeAnywhere).toBe(mayBeAnywhere)
  expect(plainSecrets).toEqual('secret' in attributes && attributes.secret !== null ? ['in plain'] : [])
})

it('does without the time that a key was made', () => {
  const { keys } = parseState(
    stateOf([resource('aws_iam_access_key', 'store', key('1', { create_date: null }))]),
  )
  expect(keys[0]?.created).toBeUndefined()
})

it('passes over data sources', () => {
  expect(parseState(stateOf([{ ...resource('aws_partition', 'current', {}), mode: 'data' }]))).toEqual(
    EMPTY_STATE,
  )
})

it.each<[string, Record<string, unknown>]>([
  ['aws_s3_bucket.logs', resource('aws_s3_bucket', 'logs', {})],
  ['aws_vpc.store', resource('aws_vpc', 'store', {})],
  ['module.store.aws_s3_bucket.store', { ...resource('aws_s3_bucket', 'store', {}), module: 'module.store' }],
])('with %s is refused: a run would destroy it', (address, foreign) => {
  expect(() => parseState(stateOf([...RESOURCES, foreign]))).toThrow(`another configuration (${address})`)
})

it.each(['no JSON', '{"version":3,"resources":[]}', '[]'])('is refused where it is %s', (text) => {
  expect(() => parseState(text)).toThrow('is not one of version 4')
})
