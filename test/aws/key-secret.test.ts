import { createMessage, encrypt, generateKey, readKey } from 'openpgp'
import { SecretEnvelope } from '../../src/aws/key-secret'

const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'

/** Encrypts as the AWS provider does: for the public key it was given, into base64 of a binary message. */
async function encryptFor(publicKey: string, text: string): Promise<string> {
  const encrypted = (await encrypt({
    message: await createMessage({ text }),
    encryptionKeys: (await readKey({ binaryKey: Buffer.from(publicKey, 'base64') })).toPublic(),
    format: 'binary',
  })) as Uint8Array
  return Buffer.from(encrypted).toString('base64')
}

it('opens what was encrypted for it', async () => {
  const envelope = await SecretEnvelope.create()
  await expect(envelope.open(await encryptFor(envelope.publicKey, SECRET))).resolves.toBe(SECRET)
})

it('cannot open what was encrypted for another one', async () => {
  const [ours, theirs] = await Promise.all([SecretEnvelope.create(), SecretEnvelope.create()])
  expect(ours.publicKey).not.toBe(theirs.publicKey)
  await expect(ours.open(await encryptFor(theirs.publicKey, SECRET))).resolves.toBeUndefined()
})

it('opens neither a message that was cut nor one that was changed', async () => {
  const envelope = await SecretEnvelope.create()
  const message = Buffer.from(await encryptFor(envelope.publicKey, SECRET), 'base64')
  const changed = Buffer.from(message)
  changed[changed.length - 5]! ^= 0xff
  for (const broken of [message.subarray(0, -10), changed]) {
    await expect(envelope.open(broken.toString('base64'))).resolves.toBeUndefined()
  }
})

it.each(['', 'not base64 at all!', Buffer.from('plain text').toString('base64'), SECRET])(
  'cannot open %j',
  async (garbage) => {
    const envelope = await SecretEnvelope.create()
    await expect(envelope.open(garbage)).resolves.toBeUndefined()
  },
)

it('gives its public half alone, binary in base64, as Terraform takes it', async () => {
  const { publicKey } = await SecretEnvelope.create()
  expect(publicKey).toMatch(/^[A-Za-z0-9+/]+=*$/)
  const binary = Buffer.from(publicKey, 'base64')
  expect(binary.toString('latin1')).not.toContain('BEGIN PGP')
  const key = await readKey({ binaryKey: binary })
  expect(key.isPrivate()).toBe(false)
  expect(key.getAlgorithmInfo()).toMatchObject({ curve: 'ed25519Legacy' })
})

it('is not opened by its own public half', async () => {
  const envelope = await SecretEnvelope.create()
  const { privateKey } = await generateKey({ userIDs: [{ name: 'other' }], format: 'object' })
  expect(Buffer.from(privateKey.toPublic().write()).toString('base64')).not.toBe(envelope.publicKey)
  expect(JSON.stringify(envelope)).toBe(JSON.stringify({ publicKey: envelope.publicKey }))
})
