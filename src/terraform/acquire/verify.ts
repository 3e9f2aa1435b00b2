import { createHash } from 'node:crypto'
import { createMessage, type PublicKey, readKey, readSignature, type Signature, verify } from 'openpgp'
import { messageOf, ReleaseProblem } from './problem'
import type { Release } from './source'

/** A public key and what it is known by: the fingerprint is the pin, the armored text merely data. */
export interface ReleaseKey {
  /** 40 hexadecimal digits in lowercase. */
  readonly fingerprint: string
  readonly armored: string
}

const BEWARE = 'Do not use these files: whoever serves them changed or damaged them. '
const OTHER_SOURCE =
  'Set TERRAFORM_RELEASES_URL to another mirror, or add a step with hashicorp/setup-terraform'

/**
 * Verifies the detached signature of a SHA256SUMS.
 *
 * A signature counts where the key was valid when it was made, whatever day it is now: an old release is not
 * worse for the key having expired since. The key's own signatures (on its expiry, on its subkeys) are all
 * remade when it is prolonged, and OpenPGP does not let them speak about the time before. So signatures from
 * before that are judged as of that moment, later ones as of their own.
 *
 * @throws ReleaseProblem where no signature is good
 */
export async function verifySums(
  sums: Uint8Array,
  signatureBytes: Uint8Array,
  { sumsUrl }: Release,
  releaseKey: ReleaseKey,
): Promise<void> {
  const key = await readPinned(releaseKey)
  const signature = await parse(signatureBytes, sumsUrl)
  const ours = signature.packets.filter((packet) => key.getKeys(packet.issuerKeyID).length > 0)
  if (ours.length === 0) {
    const others = signature.packets.map((packet) => packet.issuerKeyID.toHex().toUpperCase()).join(', ')
    throw new ReleaseProblem(
      `${sumsUrl}.sig is a signature by ${others === '' ? 'nobody' : `key ${others}`}, not by HashiCorp's key ${releaseKey.fingerprint.toUpperCase()}`,
      BEWARE + OTHER_SOURCE,
    )
  }
  const made = Math.max(...ours.map((packet) => packet.created?.getTime() ?? 0))
  const { signatures } = await verify({
    message: await createMessage({ binary: new Uint8Array(sums) }),
    signature,
    verificationKeys: key,
    date: new Date(Math.max(made, lastChange(key))),
    // What openpgp calls a reformatted key is also one that was prolonged.
    config: { allowInsecureVerificationWithReformattedKeys: true },
  })
  const verdicts = await Promise.allSettled(signatures.map(({ verified }) => verified))
  if (verdicts.some(({ status }) => status === 'fulfilled')) return
  const reason = verdicts.flatMap((one) => (one.status === 'rejected' ? [messageOf(one.reason)] : []))[0]
  const expired = /expired/i.test(reason ?? '')
  throw new ReleaseProblem(
    `the signature of ${sumsUrl} is not good (${reason ?? 'no reason given'})`,
    expired
      ? `It was made on ${new Date(made).toISOString().slice(0, 10)}, when the key this action knows had expired. Use a newer release of this action or an older terraform-version, or add a step with hashicorp/setup-terraform`
      : BEWARE + OTHER_SOURCE,
  )
}

/**
 * Compares an archive with its line in a SHA256SUMS that was verified before.
 *
 * @throws ReleaseProblem where there is no such line, or it says something else
 */
export function verifyArchive(archive: Uint8Array, sums: Uint8Array, release: Release): void {
  const expected = sumOf(sums, release)
  const actual = createHash('sha256').update(archive).digest('hex')
  if (actual === expected) return
  throw new ReleaseProblem(
    `the SHA-256 of ${release.archiveUrl} (${archive.length} bytes) is ${actual}, SHA256SUMS says ${expected}`,
    `The download was cut short or the file was changed. Run it again; should that not help: ${OTHER_SOURCE}`,
  )
}

function sumOf(sums: Uint8Array, { archiveName, sumsUrl, version, platform }: Release): string {
  const lines = Buffer.from(sums)
    .toString('utf8')
    .split(/\r?\n/)
    .flatMap((line) => {
      const [, sum, name] = /^([0-9a-f]{64}) {2}(\S+)$/.exec(line) ?? []
      return sum === undefined || name === undefined ? [] : [{ sum, name }]
    })
  const matches = lines.filter(({ name }) => name === archiveName)
  const [match] = matches
  if (match !== undefined && matches.length === 1) return match.sum
  if (matches.length > 1)
    throw new ReleaseProblem(
      `${sumsUrl} has ${matches.length} lines for ${archiveName}`,
      BEWARE + OTHER_SOURCE,
    )
  const platforms = lines.map(({ name }) => name.replace(`terraform_${version}_`, '').replace(/\.zip$/, ''))
  throw new ReleaseProblem(
    `${sumsUrl} has no line for ${archiveName}`,
    `Terraform ${version} is not published for ${platform} (only for ${platforms.join(', ') || 'nothing'}). Set terraform-version to a release that is, or put a Terraform that runs here on PATH`,
  )
}

async function readPinned({ armored, fingerprint }: ReleaseKey): Promise<PublicKey> {
  const key = await readKey({ armoredKey: armored })
  // The package declares what it reads as the class above the one that it verifies with.
  // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment
  if (key.getFingerprint() === fingerprint) return key
  // A mistake in this program and not in what was downloaded.
  throw new Error(`The embedded release key is ${key.getFingerprint()}, not ${fingerprint}`)
}

async function parse(binary: Uint8Array, sumsUrl: string): Promise<Signature> {
  try {
    return await readSignature({ binarySignature: new Uint8Array(binary) })
  } catch (cause) {
    throw new ReleaseProblem(
      `${sumsUrl}.sig is no OpenPGP signature`,
      `Something else than the mirror may have answered, such as a proxy's log-in page. ${OTHER_SOURCE}`,
      { cause },
    )
  }
}

/** The moment of the newest signature that the key carries, in milliseconds since the epoch. */
function lastChange(key: PublicKey): number {
  const signatures = [
    ...key.revocationSignatures,
    ...key.users.flatMap((user) => [...user.selfCertifications, ...user.revocationSignatures]),
    ...key.subkeys.flatMap((subkey) => [...subkey.bindingSignatures, ...subkey.revocationSignatures]),
  ]
  return Math.max(...signatures.map((signature) => signature.created?.getTime() ?? 0))
}
