import { parseOutputs } from '../../src/state/outputs'

/** As `terraform output -json` prints it. */
const printed = (values: Record<string, unknown>): string =>
  JSON.stringify(
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, { sensitive: false, type: 'string', value }]),
    ),
  )

const NOTHING = {
  bucket: undefined,
  bucketArn: undefined,
  region: undefined,
  iamUserArn: undefined,
  multipartRoleArn: undefined,
  accessKeys: [],
  encryptedSecret: undefined,
  plainSecret: undefined,
}

it('reads everything the stack gives out', () => {
  expect(
    parseOutputs(
      printed({
        bucket: 'b',
        bucket_arn: 'arn:aws:s3:::b',
        region: 'eu-west-1',
        iam_user_name: 'valohai-b',
        iam_user_arn: 'arn:aws:iam::1:user/valohai-b',
        access_keys: { '1': { id: 'AKIA1', created: '2026-01-02T03:04:05Z' } },
        access_key_id: 'AKIA1',
        encrypted_secret_access_key: 'wV4D…',
        secret_access_key: null,
        multipart_role_arn: 'arn:aws:iam::1:role/valohai-b-multipart',
      }),
    ),
  ).toEqual({
    bucket: 'b',
    bucketArn: 'arn:aws:s3:::b',
    region: 'eu-west-1',
    iamUserArn: 'arn:aws:iam::1:user/valohai-b',
    multipartRoleArn: 'arn:aws:iam::1:role/valohai-b-multipart',
    accessKeys: [{ generation: '1', id: 'AKIA1', created: new Date('2026-01-02T03:04:05Z') }],
    encryptedSecret: 'wV4D…',
    plainSecret: undefined,
  })
})

it.each([
  ['no state', '{}'],
  ['outputs of somebody else, under other names', printed({ vpc_id: 'vpc-1', list: [1] })],
  ['outputs that are all null', printed({ bucket: null, access_keys: null, multipart_role_arn: null })],
])('finds nothing in %s', (_what, json) => {
  expect(parseOutputs(json)).toEqual(NOTHING)
})

it('reads the plain secret of a configuration applied by hand', () => {
  const { plainSecret, encryptedSecret } = parseOutputs(
    printed({ secret_access_key: 'in plain', encrypted_secret_access_key: null }),
  )
  expect([plainSecret, encryptedSecret]).toEqual(['in plain', undefined])
})

it('sorts the keys by number, the current one last', () => {
  const access_keys = { '10': { id: 'AKIA10' }, '9': { id: 'AKIA9' } }
  expect(parseOutputs(printed({ access_keys })).accessKeys).toEqual([
    { generation: '9', id: 'AKIA9', created: undefined },
    { generation: '10', id: 'AKIA10', created: undefined },
  ])
})

it.each([undefined, null, 'yesterday'])('does not know when a key was made: %j', (created) => {
  const keys = parseOutputs(printed({ access_keys: { '1': { id: 'A', created } } })).accessKeys
  expect(keys).toEqual([{ generation: '1', id: 'A', created: undefined }])
})

it.each([
  ['bucket', { name: 'b' }],
  ['region', 7],
  ['access_keys', ['AKIA1']],
  ['access_keys', { '1': 'AKIA1' }],
  ['secret_access_key', ['a secret of somebody']],
])('refuses a state whose %s has another shape: %j', (name, value) => {
  const error = ((): unknown => {
    try {
      return parseOutputs(printed({ [name]: value }))
    } catch (cause) {
      return cause
    }
  })() as Error
  expect(error.message).toMatch(/outputs of another configuration.*`state-key`/)
  // It is somebody else's state: nothing of it belongs into a log.
  expect(error.message).not.toContain('secret of somebody')
})
