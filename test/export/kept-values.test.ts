import { SecretEnvelope } from '../../src/aws/key-secret'
import { keptValues, losablePart } from '../../src/export/kept-values'
import { SPEC } from './request'

const key = (digit: number): string =>
  `arn:aws:kms:eu-west-1:123456789012:key/${digit}234abcd-12ab-34cd-56ef-1234567890ab`
const file = (values: object): string => JSON.stringify({ bucket_name: SPEC.bucketName, ...values })

test('what no option gives is kept', () => {
  const statement = { Sid: 'Theirs' }
  const kept = keptValues(
    SPEC,
    file({
      access_key_generations: ['1', '2'],
      pgp_key: 'mQ',
      permissions_boundary: 'arn:aws:iam::123456789012:policy/b',
      other_policy_statements: [statement],
      other_tag_keys: ['team'],
      tags: { of: 'options' },
      log_bucket: 'of a variable of theirs',
    }),
  )
  expect(kept?.own).toEqual({
    access_key_generations: ['1', '2'],
    pgp_key: 'mQ',
    log_bucket: 'of a variable of theirs',
  })
  expect(kept?.spec.others).toMatchObject({
    permissionsBoundary: 'arn:aws:iam::123456789012:policy/b',
    policyStatements: [statement],
    tagKeys: ['team'],
  })
  expect(kept?.spec.tags).toEqual(SPEC.tags)
})

test('a public key that a run made for itself is not: nobody could read what is sealed for it', async () => {
  const { publicKey } = await SecretEnvelope.create()
  expect(keptValues(SPEC, file({ pgp_key: publicKey }))?.own).toEqual({})
})

test('an earlier KMS key goes on being granted for reading, and the current one is none of them', () => {
  const text = file({ kms_key_arn: key(1), kms_decrypt_key_arns: [key(2), key(3)] })
  expect(keptValues({ ...SPEC, kmsKeyArn: key(3) }, text)?.spec.kmsDecryptKeyArns).toEqual([key(2), key(1)])
  expect(keptValues({ ...SPEC, kmsKeyArn: key(1) }, text)?.spec.kmsDecryptKeyArns).toEqual([key(2), key(3)])
})

test.each([undefined, '', '[]', '{"bucket_name": "another-bucket", "pgp_key": "mQ"}'])(
  '%j keeps nothing',
  (text) => {
    expect(keptValues(SPEC, text)).toBeUndefined()
  },
)

test('a mark of an editor at the beginning is passed over', () => {
  const text = `\uFEFF${file({ access_key_generations: ['2'] })}`
  expect(keptValues(SPEC, text)?.own).toEqual({ access_key_generations: ['2'] })
})

describe('what an export would lose', () => {
  const lost = (values: object, next: object = {}): string =>
    losablePart('terraform.tfvars.json', file(values), { spec: SPEC, next: file(next) })

  test('what options decide on', () => {
    expect(lost({ access_key_generations: ['2'], pgp_key: 'mQ', mine: 1 })).toBe(lost({}))
    expect(lost({ abort_multipart_days: 3 })).not.toBe(lost({}))
  })

  test('rules of others that have no place in it', () => {
    const rules = { other_cors_rules: [{ allowed_methods: ['GET'] }] }
    expect(lost(rules)).not.toBe(lost({}))
    expect(lost(rules, { other_cors_rules: [] })).toBe(lost({}))
    expect(lost({ other_cors_rules: [] })).toBe(lost({}))
  })

  test('all of another bucket', () => {
    expect(lost({ mine: 1 }, { bucket_name: 'another-bucket' })).toBe(file({ mine: 1 }))
  })
})
