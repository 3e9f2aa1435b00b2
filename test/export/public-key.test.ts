import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { generateKey, readKey } from 'openpgp'
import { readPublicKey } from '../../src/export/public-key'
import { removeDirectories, temporaryDirectory } from '../support/terraform-scripts'

afterEach(removeDirectories)

const LEGACY = { type: 'ecc', curve: 'curve25519Legacy' } as const
const pair = async (kind: { type: 'ecc'; curve: 'curve25519Legacy' } | { type: 'curve25519' }) => {
  const { privateKey, publicKey } = await generateKey({
    ...kind,
    userIDs: [{ name: 'me' }],
    format: 'object',
  })
  return { privateKey, publicKey }
}
const fileOf = (content: string | Uint8Array): string => {
  const file = path.join(temporaryDirectory(), 'key')
  writeFileSync(file, content)
  return file
}

test('armored and binary give the same base64, of the public key', async () => {
  const { publicKey } = await pair(LEGACY)
  const [armored, binary] = await Promise.all(
    [publicKey.armor(), publicKey.write()].map((content) => readPublicKey(fileOf(content))),
  )
  expect(armored).toBe(binary)
  const read = await readKey({ binaryKey: Buffer.from(armored!, 'base64') })
  expect(read.getFingerprint()).toBe(publicKey.getFingerprint())
  // As the validation of `pgp_key` has it.
  expect(armored).toMatch(/^(m|x[g-v])[A-Za-z0-9+/]+={0,2}$/)
})

test('what the secret cannot be encrypted for is refused', async () => {
  const { privateKey, publicKey } = await pair(LEGACY)
  const other = await pair(LEGACY)
  const newer = await pair({ type: 'curve25519' })
  const both = Buffer.concat([publicKey.write(), other.publicKey.write()])
  await expect(readPublicKey(fileOf(privateKey.armor()))).rejects.toThrow('holds a private key')
  await expect(readPublicKey(fileOf(both))).rejects.toThrow('several keys')
  await expect(readPublicKey(fileOf(newer.publicKey.write()))).rejects.toThrow('x25519')
  await expect(readPublicKey(fileOf('my key'))).rejects.toThrow('holds no OpenPGP key')
  await expect(readPublicKey('/nowhere/key')).rejects.toThrow('cannot be read')
})
