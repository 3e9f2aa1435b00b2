const SECRET = 'abcdefghij/ABCDEFGHIJ+0123456789/abcdefg'

type Outputs = Readonly<Record<string, unknown>>

/** Our module's outputs as one object, of the bucket `my-bucket` with two keys. */
const object = (change: Outputs = {}): Outputs => ({
  bucket: 'my-bucket',
  bucket_arn: 'arn:aws:s3:::my-bucket',
  region: 'eu-west-1',
  iam_user_name: 'valohai-my-bucket',
  iam_user_arn: 'arn:aws:iam::123456789012:user/valohai-my-bucket',
  access_keys: {
    10: { id: 'AKIANEWNEWNEWNEWNEW0', created: '2026-02-01T00:00:00Z' },
    9: { id: 'AKIAOLDOLDOLDOLDOLD0', created: '2026-01-01T00:00:00Z' },
  },
  access_key_id: 'AKIANEWNEWNEWNEWNEW0',
  encrypted_secret_access_key: null,
  secret_access_key: SECRET,
  multipart_role_arn: 'arn:aws:iam::123456789012:role/valohai-my-bucket-multipart',
  valohai_origin: 'https://app.valohai.com',
  ...change,
})

/** The same as `terraform output -json` prints it in a root. */
const root = (change: Outputs = {}): Outputs =>
  Object.fromEntries(
    Object.entries(object(change)).map(([name, value]) => [
      name,
      { sensitive: name === 'secret_access_key', type: 'string', value },
    ]),
  )

const text = (json: unknown): string => JSON.stringify(json, null, 2)

/** Outputs of Terraform that was applied, to be given to `connect`. */
export const OUTPUTS = { object, root, SECRET, text }
