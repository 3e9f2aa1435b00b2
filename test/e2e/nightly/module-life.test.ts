import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { CreatePolicyCommand } from '@aws-sdk/client-iam'
import { ACCOUNT } from '../../support/aws-calls'
import { iamClient, readBucket, readKeys, readRole, readUser, s3Client } from '../../support/describe-aws'
import { describeWith } from '../../support/peers'
import { inDays, useStore } from '../story'
import { openPerson, type Person } from './person'
import { addressesIn, forgotten, Readme, shownPolicies } from './readme'

const BUCKET = 'acme-for-years'
const USER = `valohai-${BUCKET}`
const APPLY = 'Apply it by hand'
const CONNECT = 'Set up the store in Valohai'
const ENTER = 'What is there already'
const RIGHTS = 'Who may apply it'
const LEAVE = 'Before you destroy anything'

describeWith('terraform', story)
describeWith('tofu', story)

/** One story, in order: each test begins where the one before it ended. */
function story(program: string): void {
  let person: Person
  let readme: Readme

  beforeAll(async () => {
    person = await openPerson(BUCKET, program)
    readme = new Readme(file('infra', 'storage', 'README.md'))
  })
  afterAll(() => person.close())

  const file = (...names: string[]): string => path.join(person.home, ...names)
  const sh = (lines: string, directory = 'infra'): Promise<string> => person.sh(lines, directory)
  const synth = (...options: string[]): Promise<string> =>
    sh(
      [`valohai-s3 synth --bucket ${BUCKET} --region eu-west-1 --out storage --layout module`]
        .concat('--abort-multipart-days 0', `--valohai-url ${person.sandbox.valohai.url}`, options)
        .join(' '),
    )
  const filled = (json: string): string => json.replaceAll('<ACCOUNT_ID>', ACCOUNT)
  const keys = async (): Promise<string[]> => Object.keys(await readKeys(person.sandbox.emulator, USER))
  const apply = (directory?: string): Promise<string> => sh(readme.block(APPLY, 'sh', 1), directory)
  const settings = (bucket = BUCKET) => readBucket(person.sandbox.emulator, bucket)
  const store = () => person.sandbox.valohai.state.stores.find(({ name }) => name === BUCKET)!
  const connect = (directory?: string): Promise<string> =>
    sh(`${readme.block(CONNECT, 'sh', 2)}\n${readme.block(CONNECT, 'sh', 1)}`, directory)

  /** The configuration that calls the module, by its blocks, each with the comment above it. */
  const call = (): string[] => readme.block(APPLY, 'hcl').split(/\n\n(?=\w|#)/)
  const write = (directory: string, name: string, text: string): void => {
    mkdirSync(file(directory), { recursive: true })
    writeFileSync(file(directory, name), text)
  }
  const read = (directory: string): string => readFileSync(file(directory, 'main.tf'), 'utf8')
  const edit = (directory: string, from: RegExp | string, to: string): void => {
    const text = read(directory)
    expect(text).toMatch(from)
    write(
      directory,
      'main.tf',
      text.replace(from, () => to),
    )
  }
  /** The step of a rotation that says so, as it is written there. */
  const rotate = (directory: string, generations: string): void => {
    const phrases = readme.phrases('Rotate the access key')
    const line = phrases.find(
      (code) => code.startsWith('access_key_generations') && code.endsWith(generations),
    )
    edit(directory, /access_key_generations = .*/, line ?? '')
  }
  const boundaryOf = (bucket: string): string => {
    const found = readme.phrases(RIGHTS).find((code) => code.includes(':policy/')) ?? ''
    return filled(found).replace(BUCKET, bucket)
  }
  const withKey = (blocks: string, [key = '']: readonly string[]): string =>
    blocks.replace('<ACCESS_KEY_ID>', key)

  test('its tests pass, without an account', async () => {
    await synth()
    const lines = readme.block('Test it, without an account', 'sh')
    expect(await sh(lines, 'infra/storage')).toMatch(/Success! \d+ passed, 0 failed/)
  })

  test('called as it says, with a public key, and with no more rights than it says are needed', async () => {
    const title = 'Before the first apply: a public key for the secret'
    await sh(readme.block(title, 'sh', 1).replace('<KEY_ID>', 'me@example.com'))
    const encoded = await sh(readme.block(title, 'sh', 2))
    write('infra', 'main.tf', `${readme.block(APPLY, 'hcl', 1)}\n\n${readme.block(APPLY, 'hcl', 2)}\n`)
    const [generations = ''] = /access_key_generations = .*/.exec(read('infra')) ?? []
    edit('infra', generations, `${generations}\n  pgp_key = "${encoded}"`)

    // A policy for each store, as each is a module block of its own.
    const policies: { Statement: object[] }[] = []
    for (const bucket of [BUCKET, 'another-bucket', 'acme-vision']) {
      const [policy = '', PolicyDocument = ''] = [1, 2].map((number) =>
        filled(readme.block(RIGHTS, 'json', number)).replaceAll(BUCKET, bucket),
      )
      const PolicyName = boundaryOf(bucket).split('/').at(-1)
      await iamClient(person.sandbox.emulator).send(new CreatePolicyCommand({ PolicyName, PolicyDocument }))
      policies.push(JSON.parse(policy) as { Statement: object[] })
      if (bucket === 'acme-vision') continue
      const [line = ''] = new RegExp(`bucket_name *= "${bucket}"`).exec(read('infra')) ?? []
      edit('infra', line, `${line}\n  permissions_boundary = "${boundaryOf(bucket)}"`)
    }
    const statements = policies.flatMap(({ Statement }) => Statement)
    person.guard.setPolicy({
      Version: '2012-10-17',
      // The ids of statements are unique in a policy.
      Statement: statements.map((statement, index) => ({ ...statement, Sid: `S${index}` })),
    })
    write('infra', '.gitignore', `${readme.block(APPLY, 'gitignore')}\n`)
    // What tests share is not installed by `init`, so that nothing would be pinned.
    await sh('TF_REATTACH_PROVIDERS= terraform init')
    await apply()
    await sh(readme.block(APPLY, 'sh', 2))
    const untracked = await sh('git status --porcelain --untracked-files=all', '.')
    expect(untracked).toContain('infra/storage/main.tf')
    expect(untracked).not.toMatch(/infra\/(tfplan|terraform\.tfstate|\.terraform)/)
    expect(await settings('another-bucket')).toEqual({
      ...(await settings()),
      policy: expect.anything(),
      cors: expect.anything(),
    })
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

  test('the secret is decrypted and connected; that of a call without a public key is plain', async () => {
    const secret = await sh(readme.block(APPLY, 'sh', 3))
    expect(secret).toMatch(/^[A-Za-z0-9/+]{40}$/)
    expect(readFileSync(file('infra', 'terraform.tfstate'), 'utf8')).not.toContain(secret)
    expect(await connect()).toContain('store-action=created')
    expect(store().configuration.secret_access_key).toBe(secret)
    expect(person.sandbox.valohai.state.projects[0]?.default_store).toBe(store().id)
    await useStore(person.sandbox.emulator, store())
    await s3Client(person.sandbox.emulator).send(
      new PutObjectCommand({ Bucket: BUCKET, Key: 'precious', Body: 'of years' }),
    )
  })

  test('exported again with other options, at each point of a rotation: nothing is lost', async () => {
    const [first = ''] = await keys()
    rotate('infra', '["1", "2"]')
    await synth('--versioning', '--noncurrent-days 0')
    await apply()
    const both = await keys()
    expect(both).toHaveLength(2)
    expect(both).toContain(first)
    expect((await settings()).versioning).toBe('Enabled')

    expect(await connect()).toContain(`key-retires-on=${inDays(7)}`)
    const held = String(store().configuration.access_key_id)
    expect(held).not.toBe(first)
    await synth('--versioning', '--noncurrent-days 0', '--tags team=ml')
    await apply()
    expect(await keys()).toEqual(both)

    rotate('infra', '["2"]')
    await synth('--versioning', '--noncurrent-days 0', '--multipart false')
    edit('infra', /\n*output "multipart_role_arn" \{[^}]*\}\n/, '\n')
    await apply()
    expect(await keys()).toEqual([held])
    expect(await connect()).toContain('store-action=updated')
    await useStore(person.sandbox.emulator, store())

    await synth('--versioning', '--noncurrent-days 0')
    await apply()
    expect(await connect()).toContain('store-action=updated')
    expect(await connect()).toContain('changes=false')
    expect(await keys()).toEqual([held])
  })

  test('given up, the bucket stays with its settings, and the other store as it is', async () => {
    const before = [await settings(), await settings('another-bucket')]
    const kept = read('infra')
    const removed = readme.block(LEAVE, 'hcl', 1)
    const rest = kept.split(/\n\n(?=\w|#)/).filter((block) => !/module "store"|module\.store\b/.test(block))
    write('infra', 'main.tf', `${[...rest, removed].join('\n\n')}\n`)
    const told = await sh(readme.block(LEAVE, 'sh'))
    expect(told).toMatch(/0 added, 0 changed, 5 destroyed/)
    expect(forgotten(told).sort()).toEqual(addressesIn(removed, 'from').sort())
    expect([await settings(), await settings('another-bucket')]).toEqual(before)

    // And taken in again: what is not there, all of IAM, is taken out of the blocks.
    write('infra', 'main.tf', kept)
    const ofBucket = readme
      .block(ENTER, 'hcl', 1)
      .split('\n\n')
      .filter((block) => block.includes('aws_s3'))
    write('infra', 'imports.tf', ofBucket.join('\n\n'))
    expect(await apply()).toMatch(new RegExp(`${ofBucket.length} imported, 5 added, 0 changed, 0 destroyed`))
    rmSync(file('infra', 'imports.tf'))
    expect(await settings()).toEqual(before[0])
    expect(
      await sh(`${readme.block(CONNECT, 'sh', 2)}\n${readme.block(CONNECT, 'sh', 1)} --adopt`),
    ).toContain('store-action=updated')
    await useStore(person.sandbox.emulator, store())
  })

  test('an exported root becomes a call of it: nothing is made and nothing taken away', async () => {
    const before = await settings()
    await sh(
      [`valohai-s3 synth --bucket ${BUCKET} --region eu-west-1 --out . --backend local --versioning`]
        .concat('--noncurrent-days 0 --abort-multipart-days 0', `--valohai-url ${person.sandbox.valohai.url}`)
        .concat(`--permissions-boundary ${boundaryOf(BUCKET)} --tags team=ml`)
        .join(' '),
      'grown',
    )
    const ofRoot = new Readme(file('grown', 'README.md'))
    write('grown', 'imports.tf', withKey(ofRoot.block(ENTER, 'hcl'), await keys()))
    expect(await apply('grown')).toMatch(/12 imported, 0 added, 3 changed, 0 destroyed/)
    rmSync(file('grown', 'imports.tf'))
    const values = JSON.parse(readFileSync(file('grown', 'terraform.tfvars.json'), 'utf8')) as Values

    for (const name of ['main.tf', 'variables.tf', 'outputs.tf', 'providers.tf', 'terraform.tfvars.json'])
      rmSync(file('grown', name))
    rmSync(file('grown', 'tests'), { recursive: true })
    await sh('cp -R ../infra/storage storage', 'grown')
    const called = call()
      .join('\n\n')
      .replace('["1"]', JSON.stringify(values.access_key_generations))
      .replace(/bucket_name.*/, (line) => `${line}\n${hcl(values, 'tags', 'permissions_boundary')}`)
    const moved = readme.block(ENTER, 'hcl', 3)
    write('grown', 'main.tf', `${called}\n`)
    write('grown', 'moved.tf', moved.replaceAll('module.store.', 'module.store["churn-model"].'))
    edit('grown', 'module "store" {', 'module "store" {\n  for_each = toset(["churn-model"])')
    edit('grown', /\n*output "[^]*$/, '\n')
    await sh('terraform init', 'grown')
    expect(await sh('terraform plan', 'grown')).toMatch(
      /No changes|Plan: 0 to add, 0 to change, 0 to destroy/,
    )

    write('grown', 'main.tf', `${called}\n`)
    write('grown', 'moved.tf', moved)
    expect(await apply('grown')).toMatch(/0 added, 0 changed, 0 destroyed/)
    expect(await settings()).toEqual({ ...before, tags: expect.anything() })
    expect(await sh('terraform plan', 'grown')).toContain('No changes')

    // The secret of a key that was taken over nobody can read: it comes to an end with the next rotation.
    expect(await person.shInVain(readme.block(CONNECT, 'sh', 1), 'grown')).toContain(
      'apply the next generation',
    )
    rotate('grown', '["1", "2"]')
    await apply('grown')
    const secret = await sh(readme.block(APPLY, 'sh', 4), 'grown')
    expect(await sh(readme.block(CONNECT, 'sh', 1), 'grown')).toContain('store-action=updated')
    expect(store().configuration.secret_access_key).toBe(secret)
    rotate('grown', '["2"]')
    await apply('grown')
    expect(await keys()).toEqual([store().configuration.access_key_id])
    await useStore(person.sandbox.emulator, store())
  })

  test('called with for_each, what is there is taken over, and one is given up again', async () => {
    const EXISTING = { 'churn-model': BUCKET }
    const module = (buckets: Readonly<Record<string, string>>): string => `module "store" {
  source               = "./storage"
  for_each             = ${JSON.stringify(buckets)}
  bucket_name          = each.value
  permissions_boundary = replace("${boundaryOf(BUCKET)}", "${BUCKET}", each.value)
  valohai_origin       = "${person.sandbox.valohai.url}"
  tags                 = { team = "ml" }
}

output "stores" {
  value     = module.store
  sensitive = true
}
`
    const [provider = ''] = call()
    await sh('mkdir each && cp -R infra/storage each', '.')
    write('each', 'main.tf', `${provider}\n\n${module({ ...EXISTING, vision: 'acme-vision' })}`)
    write('each', 'imports.tf', withKey(readme.block(ENTER, 'hcl', 2), await keys()))
    // The tag of the root's state goes: all others than ours are taken off.
    expect(await apply('each')).toMatch(/12 imported, 12 added, 3 changed, 0 destroyed/)
    rmSync(file('each', 'imports.tf'))
    const connectLine = readme.block(CONNECT, 'sh', 1)
    expect(await sh(`${connectLine} --bucket acme-vision`, 'each')).toContain('store-action=created')

    const before = [await settings(), await settings('acme-vision')]
    const ofOne = readme.block(LEAVE, 'hcl', 2)
    write('each', 'main.tf', `${provider}\n\n${module({ vision: 'acme-vision' })}`)
    write('each', 'given-up.tf', ofOne)
    const told = await apply('each')
    expect(told).toMatch(/0 added, 0 changed, 5 destroyed/)
    expect(forgotten(told).sort()).toEqual(
      addressesIn(ofOne.split('removed {').slice(1).join(''), 'from').sort(),
    )
    expect([await settings(), await settings('acme-vision')]).toEqual(before)
    expect(await sh('terraform plan', 'each')).toContain('No changes')

    // The lines for the whole module stand for every instance that is left.
    rmSync(file('each', 'given-up.tf'))
    write('each', 'main.tf', `${provider}\n\n${readme.block(LEAVE, 'hcl', 1)}\n`)
    expect(await sh(readme.block(LEAVE, 'sh'), 'each')).toMatch(/0 added, 0 changed, 5 destroyed/)
    expect([await settings(), await settings('acme-vision')]).toEqual(before)
  })

  test('what a person lost: nothing; and each block of the README was used', async () => {
    const { Body } = await s3Client(person.sandbox.emulator).send(
      new GetObjectCommand({ Bucket: BUCKET, Key: 'precious' }),
    )
    expect(await Body?.transformToString()).toBe('of years')
    expect(person.guard.refused).toEqual([])
    const { all, unused } = readme.count()
    expect(unused).toEqual([])
    expect(all).toBe(25)
  })
}

type Values = Readonly<Record<string, unknown>>

/** Values of a file of values as arguments of a block: JSON is valid there. */
const hcl = (values: Values, ...names: string[]): string =>
  names.map((name) => `  ${name} = ${JSON.stringify(values[name])}`).join('\n')
