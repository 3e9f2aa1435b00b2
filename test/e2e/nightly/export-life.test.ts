import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { CreatePolicyCommand } from '@aws-sdk/client-iam'
import { ACCOUNT } from '../../support/aws-calls'
import { iamClient, readBucket, readKeys, readRole, readUser, s3Client } from '../../support/describe-aws'
import { describeWith } from '../../support/peers'
import { objectVersions } from '../sandbox'
import { inDays, useStore } from '../story'
import { openPerson, type Person } from './person'
import { addressesIn, forgotten, Readme, shownPolicies } from './readme'

const BUCKET = 'acme-for-years'
const USER = `valohai-${BUCKET}`
const APPLY = 'Apply it by hand'
const CONNECT = 'Set up the store in Valohai'
const LEAVE = 'Before you destroy anything'

describeWith('terraform', story)
describeWith('tofu', story)

/** One story, in order: each test begins where the one before it ended. */
function story(program: string): void {
  let person: Person
  let readme: Readme
  /** Of every key that was made. */
  const secrets: string[] = []

  beforeAll(async () => {
    person = await openPerson(BUCKET, program)
    readme = new Readme(path.join(person.home, 'infra', 'README.md'))
  })
  afterAll(() => person.close())

  const sh = (lines: string): Promise<string> => person.sh(lines, 'infra')
  const synth = (...options: string[]): Promise<string> =>
    sh(
      [`valohai-s3 synth --bucket ${BUCKET} --region eu-west-1 --out . --abort-multipart-days 0`]
        .concat(`--valohai-url ${person.sandbox.valohai.url}`, options)
        .join(' '),
    )
  const file = (...names: string[]): string => path.join(person.home, 'infra', ...names)
  const values = (): Record<string, unknown> =>
    JSON.parse(readFileSync(file('terraform.tfvars.json'), 'utf8')) as Record<string, unknown>
  const setValues = (changed: Readonly<Record<string, unknown>>): void =>
    writeFileSync(file('terraform.tfvars.json'), JSON.stringify({ ...values(), ...changed }, null, 2))
  const filled = (json: string): string => json.replaceAll('<ACCOUNT_ID>', ACCOUNT)
  const keys = async (): Promise<string[]> => Object.keys(await readKeys(person.sandbox.emulator, USER))
  const apply = (): Promise<string> => sh(readme.block(APPLY, 'sh', 2))
  const settings = () => readBucket(person.sandbox.emulator, BUCKET)
  const store = () => {
    const { stores, projects } = person.sandbox.valohai.state
    expect(stores).toHaveLength(1)
    expect(projects[0]?.default_store).toBe(stores[0]?.id)
    return stores[0]!
  }
  /** The step of a rotation that says so, as it is written there. */
  const rotate = (generations: string): void => {
    const line = readme.phrases('Rotate the access key').find((code) => code.endsWith(`: ${generations}`))
    setValues(JSON.parse(`{${line}}`) as Record<string, unknown>)
  }
  /** The README's two steps for a secret that is encrypted: decrypt it, connect. */
  const connect = (): Promise<string> =>
    sh(`${readme.block(CONNECT, 'sh', 2)}\n${readme.block(CONNECT, 'sh', 1)}`)

  test('its tests pass, without an account', async () => {
    await synth()
    expect(await sh(readme.block('Test it, without an account', 'sh'))).toMatch(
      /Success! \d+ passed, 0 failed/,
    )
  })

  test('the bucket of the state; and from here on no more rights than it says are needed', async () => {
    await sh(readme.block(APPLY, 'sh', 1))
    expect(await readBucket(person.sandbox.emulator, `${BUCKET}-tfstate`)).toMatchObject({
      location: 'eu-west-1',
      publicAccessBlock: { BlockPublicAcls: true, RestrictPublicBuckets: true },
      versioning: 'Enabled',
      encryption: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      policy: { Statement: [{ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }] },
    })
    const title = 'Who may apply it'
    const boundary = readme.phrases(title).find((code) => code.includes(':policy/')) ?? ''
    await iamClient(person.sandbox.emulator).send(
      new CreatePolicyCommand({
        PolicyName: boundary.split('/').at(-1),
        PolicyDocument: filled(readme.block(title, 'json', 2)),
      }),
    )
    setValues({ permissions_boundary: filled(boundary) })
    person.guard.setPolicy(JSON.parse(filled(readme.block(title, 'json', 1))) as object)
  })

  test('the key pair, the first apply, and the secret', async () => {
    const title = 'Before the first apply: a public key for the secret'
    await sh(readme.block(title, 'sh', 1).replace('<KEY_ID>', 'me@example.com'))
    setValues({ pgp_key: await sh(readme.block(title, 'sh', 2)) })
    await sh('terraform init')
    await sh('terraform plan')
    // The other way that it tells.
    await synth('--pgp-key public-key.gpg')
    expect(values().pgp_key).toMatch(/^[A-Za-z0-9+/]{64,}={0,2}$/)
    await apply()
    await sh(readme.block(APPLY, 'sh', 3))
    const untracked = await person.sh('git status --porcelain --untracked-files=all', '.')
    expect(untracked).toContain('infra/main.tf')
    expect(untracked).not.toMatch(/tfplan|tfstate|\.terraform/)

    const secret = await sh(readme.block(APPLY, 'sh', 4))
    expect(secret).toMatch(/^[A-Za-z0-9/+]{40}$/)
    secrets.push(secret)
    // Neither the state nor an output has it in plain text.
    expect(await person.shInVain('terraform output -raw secret_access_key', 'infra')).not.toContain(secret)
    const versions = Object.values(await objectVersions(person.sandbox.emulator, `${BUCKET}-tfstate`))
    expect(versions.some((text) => text.includes('encrypted_secret'))).toBe(true)
    expect(versions.filter((text) => text.includes(secret))).toEqual([])
  })

  test('what is there by now is what it shows: names and policies', async () => {
    const { emulator } = person.sandbox
    const role = await readRole(emulator, `${USER}-multipart`)
    expect(shownPolicies(readme, ACCOUNT)).toEqual([
      (await readUser(emulator, USER)).policy,
      role.policy,
      role.trust,
      (await settings()).policy,
    ])
    const diagram = readme.block('', 'mermaid')
    for (const one of [BUCKET, USER, role.role?.RoleName]) expect(diagram).toContain(`<br/>${one}"]`)
  })

  test('the secret is decrypted and connected', async () => {
    expect(await connect()).toContain('store-action=created')
    await useStore(person.sandbox.emulator, store())
    await s3Client(person.sandbox.emulator).send(
      new PutObjectCommand({ Bucket: BUCKET, Key: 'precious', Body: 'of years' }),
    )
  })

  test('exported again with other options, at each point of a rotation: nothing is lost', async () => {
    writeFileSync(file('own.tf'), 'variable "own" {}\n')
    setValues({ own: 'mine' })
    const [first = ''] = await keys()
    const { pgp_key } = values()

    rotate('["1", "2"]')
    await synth('--versioning', '--noncurrent-days 0')
    await apply()
    const both = await keys()
    expect(both).toHaveLength(2)
    expect(both).toContain(first)

    expect(await connect()).toContain(`key-retires-on=${inDays(7)}`)
    const held = store().configuration.access_key_id
    expect(held).not.toBe(first)
    await synth('--versioning', '--noncurrent-days 0', '--tags team=ml')
    await apply()
    expect(await keys()).toEqual(both)

    rotate('["2"]')
    await synth('--versioning', '--noncurrent-days 0', '--tags team=ml', '--multipart false')
    await apply()
    expect(await keys()).toEqual([held])
    expect(await connect()).toContain('store-action=updated')
    await useStore(person.sandbox.emulator, store())

    await synth('--versioning', '--noncurrent-days 0')
    await apply()
    expect(await keys()).toEqual([held])
    expect(values()).toMatchObject({ access_key_generations: ['2'], pgp_key, own: 'mine' })
    expect(readFileSync(file('own.tf'), 'utf8')).toBe('variable "own" {}\n')
    secrets.push(String(store().configuration.secret_access_key))
  })

  test('given up, the bucket stays with its settings', async () => {
    const before = await settings()
    await sh(readme.block(LEAVE, 'sh', 1))
    writeFileSync(file('removed.tf'), readme.block(LEAVE, 'hcl'))
    const told = await sh(readme.block(LEAVE, 'sh', 2))
    expect(told).toMatch(/0 added, 0 changed, 5 destroyed/)
    expect(forgotten(told).sort()).toEqual(addressesIn(readme.block(LEAVE, 'hcl'), 'from').sort())
    expect(await settings()).toEqual(before)
    rmSync(file('removed.tf'))
  })

  test('taken in again, without a public key this time', async () => {
    const before = await settings()
    await synth('--versioning', '--noncurrent-days 0')
    setValues({ pgp_key: null })
    // What is not there is taken out of the blocks: all of IAM, by now.
    const blocks = readme.block('What is there already', 'hcl').split('\n\n')
    const ofBucket = blocks.filter((block) => block.includes('aws_s3'))
    writeFileSync(file('imports.tf'), ofBucket.join('\n\n'))
    expect(await apply()).toMatch(new RegExp(`${ofBucket.length} imported, 5 added, 0 changed, 0 destroyed`))
    rmSync(file('imports.tf'))
    expect(await settings()).toEqual(before)
    const secret = await sh(readme.block(APPLY, 'sh', 5))
    secrets.push(secret)
    // The old key is gone, and the store still names it: what was told before the exit.
    const given = `${readme.block(CONNECT, 'sh', 1)} --adopt`
    expect(await sh(given)).toContain('store-action=updated')
    expect(store().configuration.secret_access_key).toBe(secret)
    await useStore(person.sandbox.emulator, store())
  })

  test('its state lost, everything is taken over, the key too, and nothing changes', async () => {
    const [key = '', ...others] = await keys()
    expect(others).toEqual([])
    const before = await settings()
    const stateKey = `valohai-s3/${BUCKET}.export.tfstate`
    await s3Client(person.sandbox.emulator).send(
      new DeleteObjectCommand({ Bucket: `${BUCKET}-tfstate`, Key: stateKey }),
    )
    const blocks = readme.block('What is there already', 'hcl')
    // After the rotation the generation that Valohai holds is the second.
    writeFileSync(
      file('imports.tf'),
      blocks
        .replace('<ACCESS_KEY_ID>', key)
        .replace('aws_iam_access_key.store["1"]', 'aws_iam_access_key.store["2"]'),
    )
    const count = blocks.split('import {').length - 1
    expect(await apply()).toMatch(new RegExp(`${count} imported, 0 added, 0 changed, 0 destroyed`))
    expect(await keys()).toEqual([key])
    expect(await settings()).toEqual(before)
    // Its secret nobody has: what helps is the next generation.
    const told = await person.shInVain(readme.block(CONNECT, 'sh', 1), 'infra')
    expect(told).toContain('apply the next generation')
  })

  test('what a person lost: nothing; and each block of the README was used', async () => {
    const { Body } = await s3Client(person.sandbox.emulator).send(
      new GetObjectCommand({ Bucket: BUCKET, Key: 'precious' }),
    )
    expect(await Body?.transformToString()).toBe('of years')
    expect(person.guard.refused).toEqual([])
    const { all, unused } = readme.count()
    expect(unused).toEqual([])
    expect(all).toBe(21)
    expect(new Set(secrets).size).toBe(3)
  })
}
