import { createBody, patchBody, putBody } from '../../src/valohai/payload'
import { idOf, parseProject, tryProject, tryStore } from '../../src/valohai/parse'
import { writeEffect } from '../../src/valohai/write-effect'
import { storeUrl } from '../../src/valohai/urls'
import type { Store } from '../../src/decide/observed'
import { configuration, desired, KEY_ID, plain, project, PROJECT_ID, ROLE, SECRET, store } from './helpers'

describe('idOf (point 5)', () => {
  it.each<[unknown, string | undefined]>([
    ['a', 'a'],
    [7, '7'],
    [0, '0'],
    [{ id: 'a', name: 'x' }, 'a'],
    [{ id: 7 }, '7'],
    ['', undefined],
    [null, undefined],
    [undefined, undefined],
    [{}, undefined],
    [{ id: null }, undefined],
    [[], undefined],
  ])('%j is %s', (value, id) => {
    expect(idOf(value)).toBe(id)
  })
})

describe('parsing', () => {
  const base = { id: PROJECT_ID, name: 'p', owner: { id: 42, username: 'acme' } }

  it.each<[string, object, object]>([
    ['null', { default_store: null }, { known: true, id: null }],
    ['a UUID', { default_store: 'u' }, { known: true, id: 'u' }],
    ['an object', { default_store: { id: 'u' } }, { known: true, id: 'u' }],
    ['missing', {}, { known: false }],
  ])('reads a default store that is %s', (_name, fields, defaultStore) => {
    expect(parseProject({ ...base, ...fields }).defaultStore).toEqual(defaultStore)
  })

  it('does without a description and urls', () => {
    expect(tryProject({ ...base, description: null, urls: null })).toMatchObject({ description: '' })
  })

  it('throws for an answer that is no project', () => {
    expect(() => parseProject({ id: 1 })).toThrow('no id, name or owner')
  })

  const s3 = { id: 's', name: 'n', type: 's3' }

  it.each<[string, object]>([
    ['missing', {}],
    ['null', { access_key_id: null, bucket: null, multipart_upload_iam_role: null }],
    ['masked', { access_key_id: 'AKIA************', bucket: '•••', multipart_upload_iam_role: '***' }],
    ['masked with x', { access_key_id: 'AKIAxxxxxxxx' }],
    ['empty', { access_key_id: '', bucket: '' }],
  ])('takes configuration that is %s as unknown', (_name, configuration) => {
    const parsed = tryStore({ ...s3, configuration })
    expect(parsed).toEqual({ id: 's', name: 'n', type: 's3', deleted: false, access: {}, options: {} })
  })

  it('takes a configuration that is hidden as a whole as unknown', () => {
    expect(tryStore({ ...s3, configuration: null })).not.toHaveProperty('bucket')
  })

  it('does not take a bucket that ends in x for masked', () => {
    expect(tryStore({ ...s3, configuration: { bucket: 'my-xxxx' } })).toMatchObject({ bucket: 'my-xxxx' })
  })

  it('reads the options that people set, and nothing that is ours, secret or hidden', () => {
    const theirs = { use_presigned_put_object: true, role_arn: 'arn:r', skip_upload_file_name_check: false }
    const others = { ...configuration, endpoint_url: '***', session_token: 't', insecure: null }
    expect(tryStore({ ...s3, configuration: { ...theirs, ...others } })?.options).toEqual(theirs)
  })

  it('reads a project and teams as objects', () => {
    const parsed = tryStore({ ...s3, project: { id: 'p' }, owner: 3, teams: [{ id: 't' }, 'u'] })
    expect(parsed).toMatchObject({ projectId: 'p', ownerId: '3', access: { teams: ['t', 'u'] } })
  })
})

describe('writeEffect', () => {
  const time = new Date('2026-01-01T00:00:00Z')

  it.each<[string, Partial<Store>, { missing: string[]; silent: boolean }]>([
    ['done', { accessKeyId: KEY_ID }, { missing: [], silent: false }],
    ['another key', { accessKeyId: 'AKIAOLD' }, { missing: ['access_key_id'], silent: false }],
    [
      'a hidden key, and time passed',
      { mtime: new Date(time.getTime() + 1) },
      { missing: [], silent: false },
    ],
    ['a hidden key, and time stood still', { mtime: time }, { missing: [], silent: true }],
    ['a hidden key and no time', {}, { missing: [], silent: true }],
    ['another name', { accessKeyId: KEY_ID, name: 'x' }, { missing: ['name'], silent: false }],
  ])('%s', (_name, after, effect) => {
    expect(writeEffect(store({ mtime: time }), store(after), desired)).toEqual(effect)
  })
})

describe('bodies (points 8 and 9)', () => {
  it('creates with exactly the fields of the contract', () => {
    expect(createBody(project, plain, SECRET)).toEqual({
      name: 'our-bucket',
      type: 's3',
      access_mode: 'single_project',
      project: PROJECT_ID,
      allow_read: true,
      allow_write: true,
      configuration: {
        bucket: 'our-bucket',
        region: 'eu-west-1',
        access_key_id: KEY_ID,
        secret_access_key: SECRET,
      },
    })
  })

  it('adds the role and the KMS key where there are any', () => {
    expect(createBody(project, { ...desired, kmsKeyArn: 'arn:k' }, SECRET)).toMatchObject({
      configuration: { multipart_upload_iam_role: ROLE, kms_key_arn: 'arn:k' },
    })
  })

  it('takes a role away explicitly', () => {
    const body = { configuration: { multipart_upload_iam_role: '' } }
    expect(patchBody(project, store({ multipartRoleArn: ROLE }), plain, SECRET)).toMatchObject(body)
    expect(putBody(project, store({ multipartRoleArn: ROLE }), plain, SECRET)).toMatchObject(body)
  })

  it('keeps the options that people set, and sets what is ours', () => {
    const options = { role_arn: 'arn:r' }
    const body = { configuration: { ...options, bucket: 'our-bucket', secret_access_key: SECRET } }
    expect(patchBody(project, store({ options }), plain, SECRET)).toMatchObject(body)
    expect(putBody(project, store({ options }), plain, SECRET)).toMatchObject(body)
  })

  it('puts back who may use the store', () => {
    const access = { access_mode: 'teams', teams: ['t'], allow_uri_download: true }
    expect(putBody(project, store({ access }), desired, SECRET)).toMatchObject({ ...access, type: 's3' })
  })
})

describe('storeUrl', () => {
  const origin = 'https://app.valohai.com'
  it.each<[string, string | undefined, string | undefined, string]>([
    ['the store’s own page', 'https://app.valohai.com/s/1/', 'https://x/', 'https://app.valohai.com/s/1/'],
    [
      'the project’s page',
      undefined,
      `${origin}/p/acme/churn/`,
      `${origin}/p/acme/churn/settings/data-stores/`,
    ],
    ['neither', undefined, undefined, `${origin}/p/acme/churn-model/settings/data-stores/`],
    ['a path', '/s/1/', undefined, `${origin}/s/1/`],
    [
      'no web address',
      'javascript:alert(1)',
      undefined,
      `${origin}/p/acme/churn-model/settings/data-stores/`,
    ],
  ])('%s', (_name, ofStore, ofProject, url) => {
    const one = ofProject === undefined ? project : { ...project, displayUrl: ofProject }
    expect(storeUrl(origin, one, ofStore === undefined ? {} : { displayUrl: ofStore })).toBe(url)
  })
})
