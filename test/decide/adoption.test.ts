import { refusalOfAdoption } from '../../src/decide/adoption'
import type { ChangedValue } from '../../src/decide/plan'
import type { JsonValue } from '../../src/store/json'

const change = (address: string, attribute: string, before: JsonValue, after: JsonValue): ChangedValue => ({
  address,
  attribute,
  before,
  after,
})
const refusal = (one: ChangedValue, isAdopted = true): string | undefined =>
  refusalOfAdoption([one], [{ to: one.address, id: 'x', ...(isAdopted ? { isAdopted: true } : {}) }])

const POLICY = 'aws_s3_bucket_policy.store'
const policy = (...statements: object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements })
const PARTNER = { Sid: 'Partner', Effect: 'Allow' }
const OURS = { Sid: 'DenyInsecureTransport' }

it.each<[string, ChangedValue]>([
  ['a tag', change('aws_s3_bucket.store', 'tags', {}, { a: 'b' })],
  ['a statement', change(POLICY, 'policy', policy(PARTNER), policy(OURS, PARTNER))],
  ['a statement that names what is yet to be made', change(POLICY, 'policy', policy(PARTNER), null)],
  [
    'to a policy of one statement alone',
    change(POLICY, 'policy', JSON.stringify({ Statement: PARTNER }), policy(OURS, PARTNER)),
  ],
  [
    'a rule',
    change(
      'aws_s3_bucket_lifecycle_configuration.store',
      'rule',
      [{ id: 'a', prefix: '', expiration: [] }],
      [{ id: 'a', prefix: null, expiration: null }, { id: 'ours' }],
    ),
  ],
])('an adoption may add %s', (_what, one) => {
  expect(refusal(one)).toBeUndefined()
})

it.each<[string, ChangedValue, string]>([
  ['a statement', change(POLICY, 'policy', policy(PARTNER), policy(OURS)), 'policy'],
  ['a rule', change('aws_s3_bucket_cors_configuration.store', 'cors_rule', [{ id: 'a' }], []), 'cors: false'],
  [
    'the encryption',
    change('aws_s3_bucket_server_side_encryption_configuration.store', 'rule', [{ k: 'arn:k' }], [{}]),
    'kms-key-arn',
  ],
  [
    'the versioning',
    change(
      'aws_s3_bucket_versioning.store',
      'versioning_configuration',
      [{ status: 'Suspended' }],
      [{ status: 'Enabled' }],
    ),
    'leave versioning out',
  ],
  ['the path', change('aws_iam_user.store', 'path', '/team/', '/'), 'iam-path'],
  [
    'whom the role trusts',
    change('aws_iam_role.multipart', 'assume_role_policy', '{}', '{"a":1}'),
    'multipart-role-name',
  ],
  ['a policy of our name', change('aws_iam_user_policy.store', 'policy', '{}', '{"a":1}'), 'another name'],
  [
    'whatever else',
    change('aws_s3_bucket.store', 'object_lock_enabled', true, false),
    'manage-bucket: false',
  ],
])('an adoption does not change %s, and names what keeps it', (_what, one, keeping) => {
  expect(refusal(one)).toContain(keeping)
  expect(refusal(one)).toContain(`${one.address}: ${one.attribute}, from`)
})

it('what a run made is brought to what it has to be', () => {
  expect(refusal(change('aws_iam_user.store', 'path', '/team/', '/'), false)).toBeUndefined()
})
