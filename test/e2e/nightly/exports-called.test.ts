import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { readBucket, readKeys, readUser, s3Client } from '../../support/describe-aws'
import { describeWith } from '../../support/peers'
import { useStore } from '../story'
import { openPerson, type Person } from './person'

/** The module as it is committed, which a configuration may name as its source. */
const MODULE = path.resolve(__dirname, '..', '..', '..', 'dist', 'module')

describeWith('terraform', called)
describeWith('tofu', called)

/** What an export does where a configuration of somebody's calls it, or a tool of theirs runs it. */
function called(program: string): void {
  let person: Person

  beforeAll(async () => {
    person = await openPerson('acme-called', program)
  })
  afterAll(() => person.close())

  const file = (...names: string[]): string => path.join(person.home, ...names)
  const sh = (lines: string, directory: string): Promise<string> => person.sh(lines, directory)
  const apply = (directory: string): Promise<string> =>
    sh('terraform init\nterraform plan -out=tfplan\nterraform apply tfplan', directory)
  const settings = (bucket: string) => readBucket(person.sandbox.emulator, bucket)
  const userOf = (bucket: string) => readUser(person.sandbox.emulator, `valohai-${bucket}`)
  const writes = (): number =>
    person.sandbox.valohai.state.requests.filter(({ method }) => method !== 'GET').length

  /** Writes a configuration with the module beside it, in `store`. For its rule the bucket would wait a minute. */
  const write = async (directory: string, text: string): Promise<void> => {
    mkdirSync(file(directory), { recursive: true })
    await sh(
      'valohai-s3 synth --bucket any-bucket --region eu-west-1 --out store --layout module --abort-multipart-days 0',
      directory,
    )
    writeFileSync(file(directory, 'main.tf'), text)
  }
  const IRELAND = 'provider "aws" {\n  region = "eu-west-1"\n}\n'
  const OUTPUT = 'output "store" {\n  value     = module.store\n  sensitive = true\n}\n'

  /** The line of a README, and what it says where it is run. */
  const connect = async (readme: string, directory: string, more = ''): Promise<string> => {
    const [line = ''] = /^terraform output -json \| .*$/m.exec(readFileSync(readme, 'utf8')) ?? []
    return sh(`${line} --valohai-url ${person.sandbox.valohai.url} ${more}`, directory)
  }

  /** Connects a store, looks at it as Valohai has it, works with its key, and connects it again. */
  const expectConnected = async (bucket: string, connectIt: () => Promise<string>): Promise<void> => {
    expect(await connectIt()).toContain('store-action=created')
    const { stores, projects } = person.sandbox.valohai.state
    const [store, ...others] = stores.filter(({ configuration }) => configuration.bucket === bucket)
    expect(others).toEqual([])
    expect(store).toMatchObject({
      name: bucket,
      configuration: {
        region: (await settings(bucket)).location,
        access_key_id: Object.keys(await readKeys(person.sandbox.emulator, `valohai-${bucket}`))[0],
        multipart_upload_iam_role: `arn:aws:iam::123456789012:role/valohai-${bucket}-multipart`,
      },
    })
    expect(projects[0]?.default_store).toBe(store?.id)
    await useStore(person.sandbox.emulator, store!)
    const before = writes()
    expect(await connectIt()).toMatch(
      /changes=false[^]*store-action=unchanged|store-action=unchanged[^]*changes=false/,
    )
    expect(writes()).toBe(before)
  }

  test('an exported root is applied and connected', async () => {
    await sh(
      'valohai-s3 synth --bucket acme-root --region eu-west-1 --out . --backend local --abort-multipart-days 0',
      'root',
    )
    await apply('root')
    await expectConnected('acme-root', () => connect(file('root', 'README.md'), 'root'))
  })

  test('the committed module by its defaults, called once, twice and with for_each, and connected', async () => {
    mkdirSync(file('calls'))
    cpSync(MODULE, file('calls', 'module'), { recursive: true })
    writeFileSync(
      file('calls', 'main.tf'),
      `${IRELAND}
module "store" {
  source      = "./module"
  bucket_name = "acme-one"
}

module "another_store" {
  source      = "./module"
  bucket_name = "acme-two"
}

module "each" {
  source      = "./module"
  for_each    = toset(["acme-three", "acme-four"])
  bucket_name = each.key
}

${OUTPUT}
output "others" {
  value     = [module.another_store, module.each]
  sensitive = true
}
`,
    )
    await apply('calls')
    const readme = path.join(MODULE, 'README.md')
    for (const bucket of ['acme-one', 'acme-two', 'acme-three', 'acme-four'])
      await expectConnected(bucket, () => connect(readme, 'calls', `--bucket ${bucket}`))
    expect(
      await person.shInVain(
        `terraform output -json | valohai-s3 connect --outputs-file - --valohai-project acme/churn-model`,
        'calls',
      ),
    ).toContain('outputs of 4 stores')
    const [line = ''] = /^terraform output -json \| .*$/m.exec(readFileSync(readme, 'utf8')) ?? []
    const alone = line.replace('-json', '-json store')
    expect(await sh(`${alone} --valohai-url ${person.sandbox.valohai.url}`, 'calls')).toContain(
      'bucket=acme-one',
    )
  })

  test('the module itself as a root, with a provider and a backend generated beside it and values of the environment', async () => {
    // As Terragrunt runs a module: `inputs` become TF_VAR_…, what it generates stands beside the files.
    await sh(
      'valohai-s3 synth --bucket any-bucket --region eu-west-1 --out . --layout module --abort-multipart-days 0',
      'generated',
    )
    writeFileSync(file('generated', 'provider.tf'), IRELAND)
    writeFileSync(file('generated', 'backend.tf'), 'terraform {\n  backend "local" {}\n}\n')
    const inputs = `export TF_VAR_bucket_name=acme-generated TF_VAR_tags='{"team":"ml"}'`
    await sh(`${inputs}\nterraform init\nterraform apply -auto-approve`, 'generated')
    await expectConnected('acme-generated', () =>
      connect(file('generated', 'README.md'), 'generated', '--store-name acme-generated'),
    )
    expect(await sh(`${inputs}\nterraform plan`, 'generated')).toContain('No changes')
  })

  test('two regions by aliased providers: each store is in its own', async () => {
    await write(
      'regions',
      `${IRELAND}
provider "aws" {
  alias  = "frankfurt"
  region = "eu-central-1"
}

module "ireland" {
  source      = "./store"
  bucket_name = "acme-ireland"
}

module "frankfurt" {
  source      = "./store"
  bucket_name = "acme-frankfurt"
  providers   = { aws = aws.frankfurt }
}

output "stores" {
  value     = [module.ireland, module.frankfurt]
  sensitive = true
}
`,
    )
    await apply('regions')
    const readme = file('regions', 'store', 'README.md')
    for (const [bucket, region] of [
      ['acme-ireland', 'eu-west-1'],
      ['acme-frankfurt', 'eu-central-1'],
    ] as const) {
      const line = `--store-name ${bucket} --bucket ${bucket}`
      expect((await settings(bucket)).location).toBe(region)
      await expectConnected(bucket, () => connect(readme, 'regions', line))
    }
    expect(await sh('terraform plan', 'regions')).toContain('No changes')
  })

  test('default_tags of the provider stand beside the tags of the call, and nothing changes again', async () => {
    await write(
      'tags',
      `provider "aws" {
  region = "eu-west-1"

  default_tags {
    tags = { owner = "platform", team = "nobody", stage = "test" }
  }
}

module "store" {
  source      = "./store"
  bucket_name = "acme-tags"
  tags        = { team = "ml", stage = "test" }
}
`,
    )
    await apply('tags')
    const tags = [
      { Key: 'owner', Value: 'platform' },
      { Key: 'stage', Value: 'test' },
      { Key: 'team', Value: 'ml' },
    ]
    const byKey = (found: readonly { Key?: string | undefined }[] = []) =>
      [...found].sort((one, other) => (one.Key ?? '').localeCompare(other.Key ?? ''))
    expect(byKey((await settings('acme-tags')).tags)).toEqual(tags)
    expect(byKey((await userOf('acme-tags')).user?.Tags)).toEqual(tags)
    expect(await sh('terraform plan', 'tags')).toContain('No changes')
  })

  test('depends_on makes nothing unknown: where something else changes, nothing here does', async () => {
    const text = (input: string): string => `${IRELAND}
resource "terraform_data" "other" {
  input = "${input}"
}

module "store" {
  source      = "./store"
  bucket_name = "acme-depends"
  depends_on  = [terraform_data.other]
}
`
    await write('depends', text('one'))
    await apply('depends')
    writeFileSync(file('depends', 'main.tf'), text('two'))
    expect(await sh('terraform plan', 'depends')).toContain('Plan: 0 to add, 1 to change, 0 to destroy')
  })

  describe('one that is no longer asked for', () => {
    const REFUSED = /Instance cannot be destroyed|prevent_destroy/
    const text = (more: string): string => `${IRELAND}
module "store" {
  source      = "./store"
${more}
}
`
    const count = (number: number): string =>
      text(`  count       = ${number}\n  bucket_name = "acme-counted"`)
    const each = (...names: string[]): string =>
      text(`  for_each    = toset(${JSON.stringify(names)})\n  bucket_name = each.key`)
    const plan = (directory: string): Promise<string> =>
      person.shInVain('terraform plan -out=tfplan', directory)

    test('count = 0 is refused, and all is as it was', async () => {
      await write('counted', count(1))
      await apply('counted')
      writeFileSync(file('counted', 'main.tf'), count(0))
      expect(await plan('counted')).toMatch(REFUSED)
    })

    test('so is for_each with one taken out', async () => {
      await write('each', each('acme-kept', 'acme-dropped'))
      await apply('each')
      writeFileSync(file('each', 'main.tf'), each('acme-kept'))
      const told = await plan('each')
      expect(told).toMatch(REFUSED)
      expect(told).toContain('module.store["acme-dropped"].aws_s3_bucket.store')
    })

    test('and terraform destroy, and another name of the bucket', async () => {
      writeFileSync(file('each', 'main.tf'), each('acme-kept', 'acme-dropped'))
      expect(await person.shInVain('terraform destroy -auto-approve', 'each')).toMatch(REFUSED)
      writeFileSync(file('counted', 'main.tf'), count(1).replace('acme-counted', 'acme-renamed'))
      expect(await plan('counted')).toMatch(REFUSED)
      for (const bucket of ['acme-counted', 'acme-kept', 'acme-dropped'])
        expect((await userOf(bucket)).keys).toHaveLength(1)
    })

    test('with the whole block taken out nothing holds it: an empty bucket goes', async () => {
      writeFileSync(file('counted', 'main.tf'), IRELAND)
      expect(await apply('counted')).toMatch(/0 added, 0 changed, 11 destroyed/)
      await expect(settings('acme-counted')).rejects.toMatchObject({ name: 'NoSuchBucket' })
    })

    test('of one with objects S3 keeps the bucket, but what stood around it is gone', async () => {
      const object = { Bucket: 'acme-kept', Key: 'precious', Body: 'of years' }
      await s3Client(person.sandbox.emulator).send(new PutObjectCommand(object))
      writeFileSync(file('each', 'main.tf'), IRELAND)
      const lines = 'terraform plan -out=tfplan\nterraform apply tfplan'
      expect(await person.shInVain(lines, 'each')).toContain('BucketNotEmpty')
      expect(await settings('acme-kept')).toMatchObject({ policy: undefined, publicAccessBlock: undefined })
      await expect(userOf('acme-kept')).rejects.toMatchObject({ name: 'NoSuchEntityException' })
      rmSync(file('each'), { recursive: true })
    })
  })
}
