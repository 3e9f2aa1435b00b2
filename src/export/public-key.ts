import { readFile } from 'node:fs/promises'
import { readKeys, type Key } from 'openpgp'

/** What the AWS provider's OpenPGP library encrypts for. */
const KNOWN_ALGORITHMS = ['rsaEncryptSign', 'rsaEncrypt', 'elgamal', 'ecdh']

/**
 * Reads an OpenPGP public key from a file, armored or binary, as `gpg --export` writes it.
 *
 * @returns base64 of the binary key, as `pgp_key` takes it
 * @throws where the file is none, or nothing can be encrypted for it by the AWS provider
 */
export async function readPublicKey(file: string): Promise<string> {
  const fail = (problem: string, fix: string): never => {
    throw new Error(`pgp-key: ${file} ${problem}. Nothing was written. ${fix}`)
  }
  const content = await readFile(file).catch((error: unknown) =>
    fail(`cannot be read (${(error as Error).message})`, 'Give the file that gpg --export wrote.'),
  )
  const key = await parse(content).catch(() =>
    fail('holds no OpenPGP key', 'Write one with: gpg --export <KEY_ID> > public-key.gpg'),
  )
  if (key === undefined) return fail('holds several keys', 'Export the one that is to read the secret.')
  if (key.isPrivate())
    return fail(
      'holds a private key, which belongs into no file here',
      'Export the public one: gpg --export.',
    )
  const encryption = await key
    .getEncryptionKey()
    .catch(() => fail('holds a key that encrypts nothing, or has expired', 'Use another, or extend it.'))
  const { algorithm } = encryption.getAlgorithmInfo()
  if (!KNOWN_ALGORITHMS.includes(algorithm))
    return fail(
      `holds a key of a kind (${algorithm}) that the AWS provider cannot encrypt for`,
      'Make one with RSA, or with ed25519 and cv25519, as GnuPG does by default.',
    )
  return Buffer.from(key.write()).toString('base64')
}

/** `undefined` for several. */
async function parse(content: Buffer): Promise<Key | undefined> {
  const text = content.toString('latin1')
  const isArmored = text.trimStart().startsWith('-----BEGIN PGP')
  const [key, ...others] = isArmored
    ? await readKeys({ armoredKeys: text })
    : await readKeys({ binaryKeys: content })
  return others.length === 0 ? key : undefined
}
