import { RUN_KEY_OWNER } from '../store/names'
import { decrypt, generateKey, readMessage, type PrivateKey } from 'openpgp'

/**
 * A key pair that lives as long as the run: Terraform is given the public half, so that the access key's
 * secret is encrypted before it reaches the state, and this process alone can read it.
 */
export class SecretEnvelope {
  readonly #privateKey: PrivateKey
  /** Base64 of the binary OpenPGP public key, as `pgp_key` of `aws_iam_access_key` takes it. */
  public readonly publicKey: string

  private constructor(privateKey: PrivateKey) {
    this.#privateKey = privateKey
    this.publicKey = Buffer.from(privateKey.toPublic().write()).toString('base64')
  }

  /** Makes a fresh pair. curve25519Legacy is the fastest that the provider's OpenPGP library reads. */
  public static async create(): Promise<SecretEnvelope> {
    const { privateKey } = await generateKey({
      type: 'ecc',
      curve: 'curve25519Legacy',
      userIDs: [{ name: RUN_KEY_OWNER }],
      format: 'object',
    })
    return new SecretEnvelope(privateKey)
  }

  /**
   * Opens an `encrypted_secret`.
   *
   * @param encryptedSecret base64 of an OpenPGP message
   * @returns the secret, or `undefined` where it was encrypted for another key: then nobody here can have it
   */
  public async open(encryptedSecret: string): Promise<string | undefined> {
    try {
      const message = await readMessage({ binaryMessage: Buffer.from(encryptedSecret, 'base64') })
      // The package's types of this call need a package of streams that is not published with it.
      const opened = (await decrypt({ message, decryptionKeys: this.#privateKey })) as unknown as {
        data: string
      }
      return opened.data
    } catch {
      return undefined
    }
  }
}
