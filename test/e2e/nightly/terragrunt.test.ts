import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { readKeys, readUser } from '../../support/describe-aws'
import { describeWith } from '../../support/peers'
import { useStore } from '../story'
import { openPerson, type Person } from './person'

const BUCKETS = ['acme-grunt-one', 'acme-grunt-two'] as const

/** What each unit shares: the provider and the backend, which a module has neither of. */
const ROOT = `
generate "provider" {
  path      = "provider.tf"
  if_exists = "overwrite"
  contents  = <<-EOT
    provider "aws" {
      region = "eu-west-1"
    }
  EOT
}

remote_state {
  backend = "local"
  config = {
    path = "\${get_parent_terragrunt_dir()}/states/\${path_relative_to_include()}.tfstate"
  }
  generate = {
    path      = "backend.tf"
    if_exists = "overwrite"
  }
}
`
const unit = (bucket: string, generations: readonly string[] = ['1']): string => `
include "root" {
  path = find_in_parent_folders("root.hcl")
}

terraform {
  source = "\${get_repo_root()}/store"
}

inputs = {
  bucket_name            = "${bucket}"
  access_key_generations = ${JSON.stringify(generations)}
}
`

describeWith('terragrunt', (program) => {
  let person: Person

  beforeAll(async () => {
    person = await openPerson('acme-grunt')
    await person.sh(
      'valohai-s3 synth --bucket any-bucket --region eu-west-1 --out store --layout module --abort-multipart-days 0',
      '.',
    )
    writeFileSync(path.join(person.home, 'root.hcl'), ROOT)
    for (const bucket of BUCKETS) {
      mkdirSync(path.join(person.home, bucket))
      writeFileSync(path.join(person.home, bucket, 'terragrunt.hcl'), unit(bucket))
    }
  })
  afterAll(() => person.close())

  const terragrunt = (args: string): string =>
    `TG_TF_PATH=terraform TG_NON_INTERACTIVE=true '${program}' ${args}`
  const keysOf = (bucket: string) => readKeys(person.sandbox.emulator, `valohai-${bucket}`)
  const storeOf = (bucket: string) =>
    person.sandbox.valohai.state.stores.find(({ configuration }) => configuration.bucket === bucket)!

  /** The line of the README, with what Terragrunt prints. */
  const connect = (bucket: string): Promise<string> => {
    const readme = readFileSync(path.join(person.home, 'store', 'README.md'), 'utf8')
    const [line = ''] = /^terraform output -json \| .*$/m.exec(readme) ?? []
    const piped = line.replace('terraform output -json', terragrunt('output -json'))
    const more = `--valohai-url ${person.sandbox.valohai.url} --store-name ${bucket}`
    return person.sh(`${piped} ${more}`, bucket)
  }

  test('two units of the module are applied at once, and each is connected', async () => {
    await person.sh(terragrunt('run --all apply'), '.')
    for (const bucket of BUCKETS) {
      expect(await connect(bucket)).toContain('store-action=created')
      expect(Object.keys(await keysOf(bucket))).toEqual([storeOf(bucket).configuration.access_key_id])
      await useStore(person.sandbox.emulator, storeOf(bucket))
      expect(await person.sh(terragrunt('plan'), bucket)).toContain('No changes')
    }
  })

  test('a key is rotated by the inputs of its unit, and the other unit is not touched', async () => {
    const [bucket, other] = BUCKETS
    const before = await keysOf(other)
    const rotate = async (generations: readonly string[]): Promise<void> => {
      writeFileSync(path.join(person.home, bucket, 'terragrunt.hcl'), unit(bucket, generations))
      await person.sh(terragrunt('run --all apply'), '.')
    }
    const [old] = Object.keys(await keysOf(bucket))
    await rotate(['1', '2'])
    expect(await connect(bucket)).toContain('store-action=updated')
    await useStore(person.sandbox.emulator, storeOf(bucket))
    await rotate(['2'])
    expect(Object.keys(await keysOf(bucket))).toEqual([storeOf(bucket).configuration.access_key_id])
    expect(storeOf(bucket).configuration.access_key_id).not.toBe(old)
    await useStore(person.sandbox.emulator, storeOf(bucket))
    expect(await keysOf(other)).toEqual(before)
  })

  test('a destroy of all is refused, and everything is there', async () => {
    const said = await person.shInVain(terragrunt('run --all destroy'), '.')
    expect(said).toContain('prevent_destroy')
    for (const bucket of BUCKETS) {
      expect(await readUser(person.sandbox.emulator, `valohai-${bucket}`)).toBeDefined()
      await useStore(person.sandbox.emulator, storeOf(bucket))
    }
  })
})
