import { createBody, patchBody, putBody } from '../../src/valohai/payload'
import { idOf, parseProject, tryProject, tryStore } from '../../src/valohai/parse'
import { chooseStore, differences, storeHoldsKey, writeEffect } from '../../src/valohai/stores'
import { storeUrl } from '../../src/valohai/urls'
import type { Store } from '../../src/valohai'
import { desired, KEY_ID, plain, project, PROJECT_ID, ROLE, SECRET, store } from './helpers'

const wanted = { name: 'our-bucket', bucket: 'our-bucket' }

/** A store without some of its fields: the API did not tell them. */
function without(fields: (keyof Store)[], others: Partial<Store> = {}): Store {
  const known = Object.entries(store(others)).filter(([field]) => !fields.includes(field as keyof Store))
  return Object.fromEntries(known) as unknown as Store
}

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
    expect(parsed).toEqual({ id: 's', name: 'n', type: 's3', deleted: false, access: {} })
  })

  it('takes a configuration that is hidden as a whole as unknown', () => {
    expect(tryStore({ ...s3, configuration: null })).not.toHaveProperty('bucket')
  })

  it('does not take a bucket that ends in x for masked', () => {
    expect(tryStore({ ...s3, configuration: { bucket: 'my-xxxx' } })).toMatchObject({ bucket: 'my-xxxx' })
  })

  it('reads a project and teams as objects', () => {
    const parsed = tryStore({ ...s3, project: { id: 'p' }, owner: 3, teams: [{ id: 't' }, 'u'] })
    expect(parsed).toMatchObject({ projectId: 'p', ownerId: '3', access: { teams: ['t', 'u'] } })
  })
})

describe('chooseStore (point 3)', () => {
  const other = store({ id: 'other', name: 'other', bucket: 'other' })
  const hidden = without(['bucket'])

  it.each<[string, Store[], string | undefined]>([
    ['no store', [], undefined],
    ['another bucket', [other], undefined],
    ['bucket and name', [other, store()], 'store-1'],
    ['the bucket under another name', [store({ name: 'renamed' })], 'store-1'],
    ['bucket and name before another name', [store({ id: 'b', name: 'renamed' }), store()], 'store-1'],
    ['the name, its bucket hidden', [hidden], 'store-1'],
    ['a deleted one', [store({ deleted: true })], undefined],
    ['one of another project', [store({ name: 'x', projectId: 'p2' })], undefined],
    ['one of no project', [without(['projectId'], { name: 'x' })], undefined],
    ['one of another type', [store({ name: 'x', type: 'google' })], undefined],
    ['the same twice, from pages that shifted', [store(), store()], 'store-1'],
    ['the name in the project of another owner', [store({ projectId: 'p2', ownerId: '43' })], undefined],
    ['a deleted one of the same name elsewhere', [store({ projectId: 'p2', deleted: true })], undefined],
  ])('%s', (_name, stores, id) => {
    expect(chooseStore(stores, project, wanted)?.id).toBe(id)
  })

  it.each<[string, Store[], RegExp]>([
    ['two of bucket and name', [store(), store({ id: 'b' })], /store-1 .*, b /],
    [
      'two of the bucket',
      [store({ name: 'x' }), store({ id: 'b', name: 'y' })],
      /store-1 \("x"\), b \("y"\)/,
    ],
    ['the bucket, and a hidden one', [store({ id: 'b', name: 'x' }), hidden], /b \("x"\), store-1/],
    [
      'the name with another bucket',
      [store({ bucket: 'theirs' })],
      /taken by the store store-1 in this project for the bucket theirs.*`store-name`/,
    ],
    [
      'the name of another type',
      [store({ type: 'google' })],
      /taken by the store store-1 in this project, a google store/,
    ],
    [
      'the name in another project',
      [store({ projectId: 'p2' })],
      /store-1 of the same owner \(acme\) in the project p2/,
    ],
    ['the name of an organization store', [without(['projectId'])], /store-1 of the same owner \(acme\)/],
    [
      'a rename to a name that is taken',
      [store({ name: 'x' }), store({ id: 'b', projectId: 'p2' })],
      /taken by the store b/,
    ],
  ])('refuses %s', (_name, stores, message) => {
    expect(() => chooseStore(stores, project, wanted)).toThrow(message)
  })
})

describe('differences', () => {
  it.each<[string, Partial<Store>, string[]]>([
    ['none', { multipartRoleArn: ROLE }, []],
    ['unknown', {}, []],
    ['the name', { name: 'x' }, ['name']],
    ['the region', { region: 'us-east-1' }, ['region']],
    ['another role', { multipartRoleArn: 'arn:x' }, ['multipart_upload_iam_role']],
    ['no role yet', { multipartRoleArn: '' }, ['multipart_upload_iam_role']],
    ['a KMS key too many', { kmsKeyArn: 'arn:k' }, ['kms_key_arn']],
    ['no KMS key, none desired', { kmsKeyArn: '' }, []],
  ])('%s', (_name, fields, expected) => {
    expect(differences(store(fields), desired)).toEqual(expected)
  })

  it('counts a role that is no longer desired', () => {
    expect(differences(store({ multipartRoleArn: ROLE }), plain)).toEqual(['multipart_upload_iam_role'])
  })
})

describe('storeHoldsKey', () => {
  const made = new Date('2026-01-01T00:00:00Z')
  const after = new Date('2026-01-01T00:00:05Z')
  const before = new Date('2025-12-31T00:00:00Z')

  it.each<[string, Partial<Store>, Date | undefined, boolean]>([
    ['the same id', { accessKeyId: KEY_ID, mtime: before }, made, true],
    ['another id', { accessKeyId: 'AKIAOTHER', mtime: after }, made, false],
    ['hidden, written after', { mtime: after }, made, true],
    ['hidden, written before', { mtime: before }, made, false],
    ['hidden, no time', {}, made, false],
    ['hidden, the age of the key unknown', { mtime: after }, undefined, false],
  ])('%s', (_name, fields, created, holds) => {
    expect(storeHoldsKey(store(fields), { id: KEY_ID, created })).toBe(holds)
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
    ['a hidden key and no time', {}, { missing: [], silent: false }],
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
    expect(patchBody(store({ multipartRoleArn: ROLE }), plain, SECRET)).toMatchObject(body)
    expect(putBody(project, store({ multipartRoleArn: ROLE }), plain, SECRET)).toMatchObject(body)
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
