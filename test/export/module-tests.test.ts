import { parse } from '@cdktf/hcl2json'
import { moduleTests } from '../../src/export/module-tests'
import { SPEC } from './request'

const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab'

const runs = async (changes: Partial<typeof SPEC>): Promise<string[]> => {
  const text = moduleTests({ ...SPEC, versioning: true, kmsKeyArn: KEY, ...changes }, 'terraform')
  const { run } = await parse('store.tftest.hcl', text)
  // The parser sorts them.
  return Object.keys(run as object)
}

test('ask about what there is, and nothing else', async () => {
  const all = await runs({})
  expect(all).toEqual(
    [
      'names_come_from_the_bucket',
      'long_names_are_shortened',
      ...[1, 2, 3, 4, 5, 6].map((number) => `wrong_values_are_refused_${number}`),
      'keys_of_another_region_are_refused',
      'bucket_is_private',
      'bucket_is_encrypted',
      'old_versions_are_kept',
      'cors_lets_valohai_alone_post',
      'no_current_object_expires',
      'bucket_refuses_plain_http',
      'user_reaches_this_bucket_alone',
      'role_is_for_this_user_alone',
      'role_cannot_delete',
      'one_key',
      'two_generations_make_two_keys',
    ].sort(),
  )
  const gone = async (changes: Partial<typeof SPEC>): Promise<string[]> => {
    const left = await runs(changes)
    return all.filter((name) => !left.includes(name))
  }
  expect(await gone({ versioning: false })).toEqual(['old_versions_are_kept'])
  expect(await gone({ cors: false })).toEqual(['cors_lets_valohai_alone_post'])
  expect(await gone({ abortMultipartDays: 0, noncurrentDays: 0 })).toEqual(['no_current_object_expires'])
  expect(await gone({ multipart: false })).toEqual(['role_cannot_delete', 'role_is_for_this_user_alone'])
})

test('of a bucket that is managed elsewhere ask nothing but which it is', async () => {
  const names = await runs({ manageBucket: false })
  expect(names.filter((name) => name.startsWith('bucket'))).toEqual(['bucket_is_managed_elsewhere'])
  expect(moduleTests({ ...SPEC, manageBucket: false }, 'tofu')).not.toContain('aws_s3')
})

test('name nothing that is not there', () => {
  const text = moduleTests({ ...SPEC, multipart: false, cors: false, abortMultipartDays: 0 }, 'terraform')
  expect(text).not.toMatch(/multipart|cors|lifecycle_configuration/)
})

test('make nothing: every run is a plan, of a mocked provider', () => {
  const text = moduleTests(SPEC, 'terraform')
  expect(text).toContain('mock_provider "aws" {\n  override_during = plan\n')
  expect(text.match(/^run "/gm)).toHaveLength(text.match(/^ {2}command = plan$/gm)?.length ?? 0)
})

test('are the same for OpenTofu, but for the word that it refuses and its name', () => {
  expect(moduleTests(SPEC, 'terraform').replace('  override_during = plan\n\n', '')).toBe(
    moduleTests(SPEC, 'tofu').replaceAll('#   tofu', '#   terraform'),
  )
})
