import { blocksOf, printJson, type Block } from './blocks'
import type { Json, JsonObject } from './json'
import type { InfrastructureOptions } from './options'
import { StoreStack } from './stack'

/** A Terraform backend: its type and its settings, as they stand in the `backend` block. */
export interface BackendBlock {
  readonly type: string
  readonly settings: Readonly<Record<string, string | boolean>>
}

/** What a Terraform configuration is written for. */
export interface Target {
  /** `root` is ready to `init` and `apply`; `module` has neither provider nor backend. */
  readonly layout: 'root' | 'module'
  readonly format: 'hcl' | 'json'
  /** Where the state is kept; a module has none. */
  readonly backend: BackendBlock
  /** The exact version of the AWS provider that a root runs with. */
  readonly awsProviderVersion: string
}

/** File names and their texts, in the order a person reads them. */
export type Files = ReadonlyMap<string, string>

/** Older than the run's Terraform: a module only needs what its language uses. */
const MODULE_TERRAFORM = '>= 1.7.0'
/** `use_lockfile` of the S3 backend is new in 1.10. */
const ROOT_TERRAFORM = '>= 1.10.0'
/** The schemas of v5.100 and of v6 are the same for what is used here. */
const MODULE_PROVIDER = '>= 5.100.0, < 7.0.0'

/**
 * The Terraform of a store: the very files that are exported and that `plan` and `apply` run. The same
 * options give the same bytes.
 */
export function synthesize(options: InfrastructureOptions, target: Target): Files {
  const blocks = blocksOf(new StoreStack(options).toTerraform() as JsonObject)
  const root = target.layout === 'root'
  const ofType = (...types: string[]): Block[] =>
    types.flatMap((type) => blocks.filter((block) => block.type === type))

  const parts: [name: string, blocks: Block[]][] = [
    ['versions', [versions(target)]],
    ...(root
      ? ([
          ['backend', [backend(target.backend)]],
          ['providers', [{ type: 'provider', labels: ['aws'], body: { region: '${var.region}' } }]],
        ] satisfies [string, Block[]][])
      : []),
    ['variables', root ? withRegion(ofType('variable'), options.region) : ofType('variable')],
    ['main', ofType('locals', 'data', 'resource')],
    ['outputs', ofType('output')],
  ]
  const files = new Map(parts.map(([name, content]) => [`${name}.tf.json`, printJson(content)]))
  if (root) files.set('terraform.tfvars.json', variableValues({ bucket_name: options.bucketName }))
  return files
}

/** The text of a `terraform.tfvars.json`. */
export function variableValues(values: Readonly<Record<string, Json>>): string {
  return `${JSON.stringify(values, null, 2)}\n`
}

function versions({ layout, awsProviderVersion }: Target): Block {
  const [terraform, provider] =
    layout === 'root' ? [ROOT_TERRAFORM, awsProviderVersion] : [MODULE_TERRAFORM, MODULE_PROVIDER]
  return {
    type: 'terraform',
    labels: [],
    body: {
      required_version: terraform,
      required_providers: { aws: { source: 'hashicorp/aws', version: provider } },
    },
  }
}

function backend({ type, settings }: BackendBlock): Block {
  return { type: 'terraform', labels: [], body: { backend: { [type]: settings } } }
}

function withRegion(variables: Block[], region: string): Block[] {
  const [bucketName, ...others] = variables
  const variable: Block = {
    type: 'variable',
    labels: ['region'],
    body: { type: 'string', description: 'AWS region of the bucket.', default: region, nullable: false },
  }
  return [...(bucketName === undefined ? [] : [bucketName]), variable, ...others]
}
