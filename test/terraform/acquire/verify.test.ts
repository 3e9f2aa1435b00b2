import { readKey, reformatKey } from 'openpgp'
import { HASHICORP_RELEASE_KEY } from '../../../src/terraform/acquire/hashicorp-key'
import { releaseOf } from '../../../src/terraform/acquire/source'
import { verifySums } from '../../../src/terraform/acquire/verify'
import { makeReleaseKey, signDetached, type TestKey, testKey } from '../../support/release-server'

const DAY = 24 * 60 * 60
const SUMS = Buffer.from(`${'0'.repeat(64)}  terraform_1.11.4_linux_amd64.zip\n`)
const release = releaseOf('1.11.4', { os: 'linux', arch: 'x64' }, {})

describe("HashiCorp's key", () => {
  it('has the fingerprint that is pinned', async () => {
    const key = await readKey({ armoredKey: HASHICORP_RELEASE_KEY.armored })
    expect(key.getFingerprint()).toBe('c874011f0ab405110d02105534365d9472d7468f')
    expect(HASHICORP_RELEASE_KEY.fingerprint).toBe(key.getFingerprint())
    expect(key.isPrivate()).toBe(false)
  })

  it('has the subkey that signs releases, until 2030', async () => {
    const key = await readKey({ armoredKey: HASHICORP_RELEASE_KEY.armored })
    for (const date of ['2026-02-19', '2030-02-28']) {
      const subkey = await key.getSigningKey(undefined, new Date(date))
      expect(subkey.getFingerprint()).toBe('374ec75b485913604a831cc7c820c6d5cd27ab87')
    }
    await expect(key.getSigningKey(undefined, new Date('2030-03-02'))).rejects.toThrow('expired')
  })
})

describe('a signature counts where the key was valid when it was made', () => {
  // Both dates are long past, so that the clock of this machine says "expired" and decides nothing.
  const made = new Date('2015-01-01T00:00:00Z')
  const at = (days: number): Date => new Date(made.getTime() + days * DAY * 1000)
  let key: TestKey
  let prolonged: TestKey

  beforeAll(async () => {
    key = await makeReleaseKey({ date: made, keyExpirationTime: 100 * DAY })
    // As HashiCorp does: new signatures on the same key, which reach further and begin later.
    const { privateKey } = await reformatKey({
      privateKey: key.privateKey,
      userIDs: [{ name: 'A test of valohai-s3-action' }],
      date: at(90),
      keyExpirationTime: 300 * DAY,
      format: 'object',
    })
    prolonged = testKey(privateKey)
  })

  const verdict = (signature: Buffer, { releaseKey }: TestKey): Promise<string> =>
    verifySums(SUMS, signature, release, releaseKey).then(() => 'good', String)

  it('good: made while it was valid, and expired since', async () => {
    expect(await verdict(await signDetached(SUMS, key, at(50)), key)).toBe('good')
  })

  it('good: made before the key was prolonged', async () => {
    expect(await verdict(await signDetached(SUMS, key, at(50)), prolonged)).toBe('good')
  })

  it('good: made after it was prolonged', async () => {
    expect(await verdict(await signDetached(SUMS, prolonged, at(200)), prolonged)).toBe('good')
  })

  it('bad: made when it had expired, by the state of the key that is known', async () => {
    const signature = await signDetached(SUMS, prolonged, at(200))
    await expect(verifySums(SUMS, signature, release, key.releaseKey)).rejects.toMatchObject({
      message: expect.stringMatching(/is not good .*expired/),
      fix: expect.stringContaining('It was made on 2015-07-20, when the key this action knows had expired'),
    })
  })

  it('bad: of other content, whatever the dates', async () => {
    expect(await verdict(await signDetached(Buffer.from('else'), key, at(50)), prolonged)).toContain(
      'not good',
    )
  })

  it('bad: by a key of the same name', async () => {
    expect(await verdict(await signDetached(SUMS, await makeReleaseKey()), key)).toContain(
      'is a signature by key',
    )
  })
})
