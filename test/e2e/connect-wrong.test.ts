import { CreateAccessKeyCommand } from '@aws-sdk/client-iam'
import { iamClient } from '../support/describe-aws'
import { OUTPUTS } from '../support/outputs'
import { openConnecting, type Connecting } from './connecting'
import { useStore } from './story'

const BUCKET = 'acme-mistaken'

let connecting: Connecting
/** What Terraform hands out, as it is right. */
let right: string

beforeAll(async () => {
  connecting = await openConnecting(BUCKET)
  right = connecting.outputs()
})

afterAll(() => connecting.close())

const SECRET = (): string => connecting.secrets[0]!
/** A secret as long, of another key. */
const OTHER = OUTPUTS.SECRET
const asked = (): number => connecting.sandbox.valohai.state.requests.length

interface Wrong {
  readonly input: () => string
  readonly options?: readonly string[]
  readonly environment?: () => Readonly<Record<string, string>>
  /** What is said of it, the fix included. */
  readonly told: readonly string[]
}

/** The same with the secret encrypted alone. Terraform leaves an output out that is null. */
const sealed = (): string => {
  const { secret_access_key: plain, ...others } = JSON.parse(right) as Record<string, object>
  return OUTPUTS.text({ ...others, encrypted_secret_access_key: { ...plain, value: 'wcBMA' } })
}

const WRONG: Readonly<Record<string, Wrong>> = {
  'nothing at all': { input: () => '', told: ['It is empty', 'See why `terraform output -json`'] },
  'no JSON': {
    input: () => `[command]terraform-bin output -json\n${right}`,
    told: ['It is not JSON', 'terraform_wrapper: false'],
  },
  'cut off in the middle': { input: () => right.slice(0, right.length / 2), told: ['It is not JSON'] },
  'no outputs': { input: () => '{}', told: ['It has no outputs', 'Apply first'] },
  "another root's": {
    input: () => '{"vpc_id":{"sensitive":false,"type":"string","value":"vpc-1"}}',
    told: ['It has no outputs of a store', 'output "store" { value = module.store, sensitive = true }'],
  },
  'a secret that a log has masked': {
    input: () => right.replace(SECRET(), '***'),
    told: ['Its secret_access_key is masked or cut', 'Give what `terraform output -json` prints itself'],
  },
  'no secret': {
    input: () => right.replace(`"${SECRET()}"`, 'null'),
    told: ['It has no secret of the access key', 'apply the next generation'],
  },
  'a secret that is encrypted': {
    input: sealed,
    told: ['only encrypted', 'Set STORE_SECRET_ACCESS_KEY in the environment'],
  },
  'what is not decrypted in the place of the decrypted secret': {
    input: sealed,
    environment: () => ({ STORE_SECRET_ACCESS_KEY: `gpg: decryption failed ${OTHER}` }),
    told: ['STORE_SECRET_ACCESS_KEY in the environment is not the secret', 'base64 -d | gpg -d'],
  },
  'another bucket than the option says': {
    input: () => right,
    options: ['--bucket', 'acme-other'],
    told: [
      `The outputs are of the bucket "${BUCKET}", not of "acme-other"`,
      'Give the outputs of that store',
    ],
  },
  'another region than the option says': {
    input: () => right,
    options: ['--region', 'eu-central-1'],
    told: [`The outputs' bucket is in "eu-west-1", not in "eu-central-1"`, 'leave it out'],
  },
}

test.each(Object.entries(WRONG))('%s: told with the fix, and Valohai is not even asked', async (_, wrong) => {
  const before = asked()
  const { exitCode, text } = await connecting.connect(
    wrong.input(),
    wrong.options ?? [],
    wrong.environment?.() ?? {},
  )
  expect(exitCode).toBe(1)
  for (const words of wrong.told) expect(text).toContain(words)
  expect(text).not.toContain(OTHER)
  expect(asked()).toBe(before)
})

test('a region that is not where the bucket is, and a bucket that is gone', async () => {
  const elsewhere = await connecting.connect(right.replaceAll('"eu-west-1"', '"eu-central-1"'))
  expect(elsewhere.exitCode).toBe(1)
  expect(elsewhere.text).toContain(`The bucket ${BUCKET} is in eu-west-1, and the outputs say eu-central-1`)
  const gone = await connecting.connect(right.replaceAll(`"${BUCKET}"`, '"acme-gone"'))
  expect(gone.exitCode).toBe(1)
  expect(gone.text).toContain('There is no bucket acme-gone: the outputs are of one that is gone')
  for (const { text } of [elsewhere, gone]) expect(text).toContain('Nothing was made or changed')
  expect(connecting.writes()).toBe(0)
})

test('a secret that is not that of the key: AWS says so, and Valohai is not given it', async () => {
  const { emulator } = connecting.sandbox
  const { AccessKey } = await iamClient(emulator).send(
    new CreateAccessKeyCommand({ UserName: `valohai-${BUCKET}` }),
  )
  // Of a key that was made just now it would wait two minutes for IAM.
  const old = right.replace(/"created": "\d[^"]*"/, '"created": "2020-01-01T00:00:00Z"')
  await emulator.enforceIam(true)
  try {
    const { exitCode, text } = await connecting.connect(
      old.replace(SECRET(), AccessKey?.SecretAccessKey ?? ''),
    )
    expect(exitCode).toBe(1)
    expect(text).toContain('SignatureDoesNotMatch')
    expect(text).toContain('The secret is not that of this key')
    expect(text).toContain('Nothing was made or changed')
    expect(text).not.toContain(AccessKey?.SecretAccessKey)
  } finally {
    await emulator.enforceIam(false)
  }
  expect(connecting.writes()).toBe(0)
  expect(connecting.sandbox.valohai.state.stores).toEqual([])
})

test('Valohai refuses the default after the store was made: said so, and the next run ends it', async () => {
  const { valohai } = connecting.sandbox
  valohai.quirks.failNext = [
    { method: 'PATCH', path: /\/projects\//, status: 403, body: { detail: 'You do not have permission.' } },
  ]
  const refused = await connecting.connect(right)
  expect(refused.exitCode).toBe(1)
  const store = connecting.onlyStore()
  expect(refused.text).toContain('What exists now:')
  expect(refused.text).toContain(`The data store "${BUCKET}" (${store.id}) in Valohai`)
  expect(refused.text).toContain('You do not have permission.')
  expect(valohai.state.projects[0]?.default_store).toBeNull()

  const { exitCode, text } = await connecting.connect(right)
  expect(exitCode).toBe(0)
  expect(text).toContain('store-action=unchanged')
  expect(text).toContain('default-store=true')
  expect(connecting.onlyStore().id).toBe(store.id)
  await useStore(connecting.sandbox.emulator, store)
})

test('no secret stood in anything that was said, written or sent to anybody but a store of Valohai', () => {
  expect(connecting.leaks()).toEqual([])
})
