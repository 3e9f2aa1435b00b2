import type { Project, Store } from '../../src/decide/observed'
import { isDefault } from '../../src/decide/projects'
import { desiredStore, differences, plannedDifferences } from '../../src/decide/store'
import { ROLE_ARN } from '../support/fake-cloud'
import { PROJECT, store, without, worldOf } from '../support/observed'
import { defaultOptions } from '../support/options'

const SPEC = defaultOptions('my-bucket')
const KMS = 'arn:aws:kms:eu-west-1:123456789012:key/1'
const role = { name: 'valohai-my-bucket-multipart', arn: ROLE_ARN }
const desired = desiredStore(SPEC, { role, store: undefined, accessKeyId: 'AKIA2' })

describe('desiredStore', () => {
  it('is what was asked for, and what stands in AWS', () => {
    expect(desired).toEqual({
      access: 'project',
      name: 'my-bucket',
      bucket: 'my-bucket',
      region: 'eu-west-1',
      accessKeyId: 'AKIA2',
      multipartRoleArn: ROLE_ARN,
    })
  })

  it.each([
    [undefined, 'theirs', 'theirs'],
    ['asked', 'theirs', 'asked'],
    ['asked', undefined, 'asked'],
  ])('of the name %s asked for and %s that is there is called %s', (storeName, name, expected) => {
    const there = name === undefined ? undefined : store({ name })
    const wanted = desiredStore({ ...SPEC, storeName }, { role, store: there, accessKeyId: '' })
    expect(wanted.name).toBe(expected)
  })

  it('has the KMS key, and no role that is not wanted', () => {
    const spec = { ...SPEC, kmsKeyArn: KMS, multipart: false }
    const wanted = desiredStore(spec, { role, store: undefined, accessKeyId: '' })
    expect(wanted).not.toHaveProperty('multipartRoleArn')
    expect(wanted.kmsKeyArn).toBe(KMS)
  })
})

it.each<[what: string, is: Store, fields: string[]]>([
  ['nothing', store(), []],
  ['nothing that is known', without(store(), 'bucket', 'region', 'multipartRoleArn', 'kmsKeyArn'), []],
  ['the name', store({ name: 'x' }), ['name']],
  ['the region', store({ region: 'us-east-1' }), ['region']],
  ['another role', store({ multipartRoleArn: 'arn:x' }), ['multipart_upload_iam_role']],
  ['no role yet', store({ multipartRoleArn: '' }), ['multipart_upload_iam_role']],
  ['a KMS key too many', store({ kmsKeyArn: KMS }), ['kms_key_arn']],
])('differences: %s', (_what, is, fields) => {
  expect(differences(is, desired)).toEqual(fields)
})

it('a role that is no longer desired is a difference', () => {
  const spec = { ...SPEC, multipart: false }
  const withoutRole = desiredStore(spec, { role, store: undefined, accessKeyId: '' })
  expect(differences(store(), withoutRole)).toEqual(['multipart_upload_iam_role'])
})

it('before the role is made, a store that names none is to be written', () => {
  const { state } = worldOf({})
  expect(plannedDifferences(store({ multipartRoleArn: '' }), SPEC, { state: state, existing: {} })).toEqual([
    'multipart_upload_iam_role',
  ])
  expect(plannedDifferences(store(), SPEC, worldOf({ iam: { 1: 1 } }))).toEqual([])
})

it.each<[Project['defaultStore'], inEffect: string | undefined, expected: boolean]>([
  [{ known: true, id: 's' }, undefined, true],
  [{ known: true, id: 'other' }, 's', false],
  [{ known: true, id: null }, 's', false],
  [{ known: false }, 's', true],
  [{ known: false }, 'other', false],
  [{ known: false }, undefined, false],
])('the default is %j, in effect %s: %s', (defaultStore, inEffect, expected) => {
  const one = { ...PROJECT, defaultStore, ...(inEffect === undefined ? {} : { uploadStoreId: inEffect }) }
  expect(isDefault(one, { id: 's' })).toBe(expected)
})
