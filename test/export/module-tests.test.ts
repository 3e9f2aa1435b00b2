import { parse } from '@cdktf/hcl2json'
import { moduleTests } from '../../src/export/documents'
import { OPTIONS, requestOf } from './request'

const KEY = 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab'

const runs = async (options: Partial<typeof OPTIONS>): Promise<string[]> => {
  const { run } = await parse('store.tftest.hcl', moduleTests(requestOf({ options })))
  return Object.keys(run as object)
}

test('ask about what there is, and nothing else', async () => {
  const all = await runs({ versioning: true, kmsKeyArn: KEY })
  expect(all).toEqual(
    expect.arrayContaining([
      'names_come_from_the_bucket',
      'long_names_are_shortened',
      'bucket_is_private',
      'bucket_is_encrypted',
      'bucket_refuses_plain_http',
      'old_versions_are_kept',
      'cors_lets_valohai_alone_post',
      'no_object_expires',
      'user_reaches_this_bucket_alone',
      'role_is_for_this_user_alone',
      'role_cannot_delete',
      'one_key',
      'two_generations_make_two_keys',
    ]),
  )
  const gone = async (options: Partial<typeof OPTIONS>): Promise<string[]> => {
    const left = await runs({ versioning: true, kmsKeyArn: KEY, ...options })
    return all.filter((name) => !left.includes(name)).sort()
  }
  expect(await gone({ versioning: false })).toEqual(['old_versions_are_kept'])
  expect(await gone({ cors: false })).toEqual(['cors_lets_valohai_alone_post'])
  expect(await gone({ abortMultipartDays: 0 })).toEqual(['no_object_expires'])
  expect(await gone({ multipart: false })).toEqual(['role_cannot_delete', 'role_is_for_this_user_alone'])
})

test('name no role where there is none', () => {
  const text = moduleTests(requestOf({ options: { multipart: false, cors: false, abortMultipartDays: 0 } }))
  expect(text).not.toMatch(/multipart|cors|lifecycle_configuration/)
})

test('make nothing: every run is a plan, of a mocked provider', () => {
  const text = moduleTests(requestOf())
  expect(text).toContain('mock_provider "aws" {\n  override_during = plan\n')
  expect(text.match(/^run "/gm)).toHaveLength(text.match(/^ {2}command = plan$/gm)?.length ?? 0)
})

test('the same request gives the same text, in either layout and format', () => {
  const text = moduleTests(requestOf())
  expect(moduleTests(requestOf({ target: { layout: 'module', format: 'json' } }))).toBe(text)
})
