import { corsRule, lifecycleRule, statementsOf, tagsOf } from '../../src/aws/documents'

describe('statements', () => {
  it.each<[string, string | undefined, object[]]>([
    ['of no policy', undefined, []],
    ['a list', '{"Statement":[{"Sid":"a"},{"Sid":"b"}]}', [{ Sid: 'a' }, { Sid: 'b' }]],
    ['one by itself', '{"Statement":{"Sid":"a"}}', [{ Sid: 'a' }]],
  ])('%s', (_what, policy, statements) => {
    expect(statementsOf(policy)).toEqual(statements)
  })
})

it('tags, by key', () => {
  expect(tagsOf([{ Key: 'a', Value: '1' }, { Key: 'b' }])).toEqual({ a: '1', b: '' })
})

it('a CORS rule is as the provider has it, with what it says for none', () => {
  expect(corsRule({ AllowedMethods: ['PUT'], AllowedOrigins: ['*'] })).toEqual({
    id: '',
    allowed_methods: ['PUT'],
    allowed_origins: ['*'],
    max_age_seconds: 0,
  })
})

it('a lifecycle rule is as the provider has it, with everything in it', () => {
  expect(
    lifecycleRule({
      ID: 'all',
      Status: 'Enabled',
      Filter: {
        And: {
          Prefix: 'a/',
          Tags: [{ Key: 'k', Value: 'v' }],
          ObjectSizeGreaterThan: 1,
          ObjectSizeLessThan: 9,
        },
      },
      Expiration: { Date: new Date('2030-01-01T00:00:00Z') },
      Transitions: [{ Days: 30, StorageClass: 'STANDARD_IA' }],
      NoncurrentVersionExpiration: { NoncurrentDays: 5, NewerNoncurrentVersions: 3 },
      NoncurrentVersionTransitions: [{ NoncurrentDays: 3, StorageClass: 'GLACIER' }],
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 },
    }),
  ).toEqual({
    id: 'all',
    status: 'Enabled',
    filter: {
      and: { prefix: 'a/', tags: { k: 'v' }, object_size_greater_than: 1, object_size_less_than: 9 },
    },
    expiration: { date: '2030-01-01T00:00:00Z' },
    transition: [{ days: 30, storage_class: 'STANDARD_IA' }],
    noncurrent_version_expiration: { noncurrent_days: 5, newer_noncurrent_versions: 3 },
    noncurrent_version_transition: [{ noncurrent_days: 3, storage_class: 'GLACIER' }],
    abort_incomplete_multipart_upload: { days_after_initiation: 2 },
  })
})

it.each([
  ['a rule from before there were filters', { Prefix: 'old/' }, { prefix: 'old/' }],
  ['by a tag', { Filter: { Tag: { Key: 'k', Value: 'v' } } }, { filter: { tag: { key: 'k', value: 'v' } } }],
  ['for all objects', { Filter: { Prefix: '' } }, { filter: { prefix: '' } }],
])('%s', (_what, rule, expected) => {
  expect(lifecycleRule({ ID: 'x', Status: 'Enabled', ...rule })).toEqual({
    id: 'x',
    status: 'Enabled',
    ...expected,
  })
})
