import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { storeOutputs } from '../../src/config/outputs-file'
import { OUTPUTS } from '../support/outputs'
import { parsed, problems, TOKEN } from './source'

const { object, root, SECRET, text } = OUTPUTS

const meaning = (json: unknown, wanted: Parameters<typeof storeOutputs>[1] = {}) => {
  const read = storeOutputs(text(json), wanted)
  if ('value' in read) return read.value
  throw new Error(read.findings.map(({ problem, fix }) => `${problem}. ${fix}`).join('\n'))
}
const problemOf = (json: unknown, wanted?: Parameters<typeof storeOutputs>[1]): string => {
  try {
    meaning(json, wanted)
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('It was taken')
}

describe('what is read', () => {
  const STORE = {
    bucket: { name: 'my-bucket', arn: 'arn:aws:s3:::my-bucket', region: 'eu-west-1' },
    user: { name: 'valohai-my-bucket', arn: 'arn:aws:iam::123456789012:user/valohai-my-bucket' },
    role: {
      name: 'valohai-my-bucket-multipart',
      arn: 'arn:aws:iam::123456789012:role/valohai-my-bucket-multipart',
    },
    kmsKeyArn: undefined,
    origin: 'https://app.valohai.com',
    keys: [
      { generation: '9', id: 'AKIAOLDOLDOLDOLDOLD0', created: new Date('2026-01-01T00:00:00Z') },
      { generation: '10', id: 'AKIANEWNEWNEWNEWNEW0', created: new Date('2026-02-01T00:00:00Z') },
    ],
    secret: SECRET,
  }

  test.each([
    ['a root', root()],
    ['the module as one object', object()],
    [
      'a root that hands the module out',
      { store: { sensitive: true, type: ['object', {}], value: object() } },
    ],
    [
      'one that hands out single outputs too',
      { ...root(), store: { sensitive: true, type: 'x', value: object() } },
    ],
    ['count', { store: { sensitive: true, type: ['tuple', []], value: [object()] } }],
    ['for_each', { stores: { sensitive: true, type: 'x', value: { one: object() } } }],
  ])('%s', (_, json) => {
    expect(meaning(json)).toEqual(STORE)
  })

  test('parts that a configuration does not have', () => {
    const less = object({ multipart_role_arn: undefined, valohai_origin: undefined })
    expect(meaning(less)).toEqual({ ...STORE, role: undefined, origin: undefined })
    expect(meaning({ ...object(), kms_key_arn: 'arn:x' })).toMatchObject({ kmsKeyArn: 'arn:x' })
  })

  test('of several stores the one whose bucket is asked for', () => {
    const stores = { stores: { type: 'x', value: { a: object(), b: object({ bucket: 'other-bucket' }) } } }
    expect(meaning(stores, { bucket: 'other-bucket' }).bucket.name).toBe('other-bucket')
    expect(problemOf(stores)).toContain('outputs of 2 stores: "my-bucket" and "other-bucket"')
    expect(problemOf(stores, { bucket: 'third' })).toContain('Say with `bucket`')
  })

  const sealed = { secret_access_key: null, encrypted_secret_access_key: 'wcBMA' }
  test('with pgp_key the decrypted secret is that of the environment', () => {
    expect(meaning(object(sealed), { secret: SECRET }).secret).toBe(SECRET)
    expect(problemOf(object(sealed))).toContain('Set STORE_SECRET_ACCESS_KEY')
    expect(problemOf(object(sealed), { secret: 'wcBMA not decrypted' })).toContain('STORE_SECRET_ACCESS_KEY')
  })
})

describe('what is not outputs of a store', () => {
  test.each<[string, string, string]>([
    ['nothing', ' \n', 'It is empty'],
    ['a log', 'bucket = "my-bucket"', 'not JSON'],
    [
      "the wrapper of GitHub's setup",
      `[command]terraform-bin output -json\n${text(root())}`,
      'terraform_wrapper',
    ],
    ['no outputs', '{}', 'Apply first'],
    [
      "another root's",
      '{"vpc_id":{"sensitive":false,"type":"string","value":"vpc-1"}}',
      'no outputs of a store',
    ],
    ['a list', '[1, "x", null]', 'no outputs of a store'],
    ['a text', '"AKIA"', 'no outputs of a store'],
    ['null', 'null', 'no outputs of a store'],
    [
      'some outputs alone',
      text({ access_key_id: 'AKIANEWNEWNEWNEWNEW0' }),
      '"bucket", "bucket_arn", "region"',
    ],
  ])('%s', (_, file, expected) => {
    const read = storeOutputs(file, {})
    expect('findings' in read && read.findings[0]).toMatchObject({ problem: expect.any(String) })
    expect(JSON.stringify(read).replaceAll('\\"', '"')).toContain(expected)
  })

  test.each<[string, Record<string, unknown>, string]>([
    ['no secret', { secret_access_key: null }, 'no secret'],
    ['a secret that is masked', { secret_access_key: '***' }, 'masked'],
    ["Terraform's word for it", { secret_access_key: '<sensitive>' }, 'masked'],
    ['a user that is none', { iam_user_arn: 'arn:aws:iam::***:user/x' }, '"iam_user_arn"'],
    ['no keys', { access_keys: {} }, '"access_keys"'],
    ['a region that is none', { region: 'ireland' }, 'eu-west-1'],
    ['a bucket that is none', { bucket: 'My_Bucket' }, 'My_Bucket'],
    ['an older key as the current one', { access_key_id: 'AKIAOLDOLDOLDOLDOLD0' }, 'not the newest'],
  ])('%s', (_, change, expected) => {
    expect(problemOf(object(change))).toContain(expected)
    expect(problemOf(root(change))).toContain(expected)
  })

  test('no finding shows a secret', () => {
    const secret = 'S3CR3T/S3CR3T/S3CR3T/S3CR3T/S3CR3T/S3CR3'
    for (const change of [{ bucket: 1 }, { access_keys: secret }, { region: undefined }])
      expect(problemOf(object({ secret_access_key: secret, ...change }))).not.toContain('S3CR3T')
    expect(JSON.stringify(storeOutputs(`not JSON ${secret}`, {}))).not.toContain('S3CR3T')
  })
})

describe('as an input', () => {
  const directory = mkdtempSync(path.join(tmpdir(), 'valohai-s3-outputs-'))
  const file = path.join(directory, 'outputs.json')
  writeFileSync(file, text(root()))
  afterAll(() => rmSync(directory, { recursive: true }))

  const CONNECT = { command: 'connect', bucket: '', region: '', 'outputs-file': file, 'valohai-token': TOKEN }

  test('the store is what the outputs say', () => {
    const { store, outputs } = parsed({ ...CONNECT, multipart: 'false', 'store-name': 'Mine' })
    expect(outputs?.secret).toBe(SECRET)
    expect(store).toMatchObject({
      bucketName: 'my-bucket',
      region: 'eu-west-1',
      multipart: true,
      multipartRoleName: 'valohai-my-bucket-multipart',
      storeName: 'Mine',
    })
  })

  test.each<[string, BufferEncoding, boolean]>([
    ['UTF-8 with a mark', 'utf8', false],
    ['UTF-16, as Windows PowerShell redirects', 'utf16le', false],
    ['UTF-16, the other way round', 'utf16le', true],
  ])('%s', (_, encoding, isSwapped) => {
    const bytes = Buffer.from(`\uFEFF${text(root())}`, encoding)
    const marked = path.join(directory, 'marked.json')
    writeFileSync(marked, isSwapped ? bytes.swap16() : bytes)
    expect(parsed({ ...CONNECT, 'outputs-file': marked }).outputs?.secret).toBe(SECRET)
  })

  test('options that contradict it are told, and the region of the environment is none', () => {
    expect(parsed(CONNECT, { AWS_REGION: 'us-east-1' }).store.region).toBe('eu-west-1')
    const contrary = { ...CONNECT, bucket: 'your-bucket', region: 'us-east-1' }
    expect(problems(contrary).map(({ input }) => input)).toEqual(['bucket', 'region'])
  })

  test('a file that is not there, or a directory, is told', () => {
    for (const [wrong, problem] of [
      [path.join(directory, 'none'), 'There is no such file'],
      [directory, 'It cannot be read (EISDIR)'],
    ] as const)
      expect(problems({ ...CONNECT, 'outputs-file': wrong })).toMatchObject([
        { input: 'outputs-file', problem },
      ])
  })

  test('other commands do not look at it', () => {
    expect(parsed({ 'outputs-file': path.join(directory, 'none') }).outputs).toBeUndefined()
  })
})
