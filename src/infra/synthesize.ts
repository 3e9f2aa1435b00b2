import { blocksOf, printBlocks, type HclBlock, type JsonObject, type JsonValue } from './hcl'
import { leftTypes } from '../store/parts'
import type { StoreSpec } from '../store/spec'
import { headerOf } from './header'
import { printJson } from './print-json'
import { StoreStack } from './stack'
import { valuesOf } from './variables'

/** A Terraform backend: its type and its settings, as they stand in the `backend` block, or in `cloud`. */
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

/** Where a root has the values of its variables. */
export const VALUES_FILE = 'terraform.tfvars.json'

/** Terraform's and OpenTofu's: the S3 backend's `use_lockfile` is general from 1.11 on. */
const TERRAFORM = '>= 1.11.0'
/** The schemas of v5.100 and of v6 are the same for what is used here. */
const MODULE_PROVIDER = '>= 5.100.0, < 7.0.0'
const GAP =
  'Not with 6.0 to 6.39: S3 blocks SSE-C on new buckets by now, and those plan a change of that for ever.'

/** The blocks of each file, by the file's name without its ending, in the order a person reads them. */
export type Blocks = ReadonlyMap<string, readonly HclBlock[]>

/** What is synthesized, before it is printed. */
export function synthesizeBlocks(options: StoreSpec, target: Target): Blocks {
  const blocks = blocksOf(new StoreStack(options, target.layout === 'root').toTerraform() as JsonObject)
  const ofType = (...types: string[]): HclBlock[] =>
    types.flatMap((type) => blocks.filter((block) => block.type === type))
  const main = ofType('locals', 'resource').map(commentLocals).map(orderRules(options))
  if (target.layout === 'module') {
    return new Map([
      ['versions', [versions(target)]],
      ['variables', ofType('variable')],
      ['main', main],
      ['outputs', ofType('output')],
    ])
  }
  return new Map([
    ['versions', [versions(target)]],
    ['backend', [backend(target.backend)]],
    ['providers', [PROVIDER]],
    ['variables', ofType('variable')],
    ['main', main],
    ['outputs', ofType('output')],
  ])
}

/**
 * The Terraform of a store: the very files that are exported and that `plan` and `apply` run. The same
 * options give the same bytes.
 */
export function synthesize(options: StoreSpec, target: Target): Files {
  return printFiles(synthesizeBlocks(options, target), options, target)
}

/**
 * Prints what was synthesized; a root also gets the file with its variables' values.
 *
 * @param own as for `variableValues`
 */
export function printFiles(
  blocks: Blocks,
  options: StoreSpec,
  target: Target,
  own: Readonly<Record<string, JsonValue>> = {},
): Files {
  const files = printBlocksOf(blocks, target, headerOf(options, target))
  return new Map([...files, ...(target.layout === 'root' ? variableValues(options, own) : [])])
}

/** @param ofMain what stands at the top of `main` */
function printBlocksOf(blocks: Blocks, { format }: Target, ofMain?: string): Files {
  return new Map(
    [...blocks].map(([name, content]): [string, string] => {
      const header = name === 'main' ? ofMain : undefined
      return format === 'json'
        ? [`${name}.tf.json`, printJson(content, header)]
        : [`${name}.tf`, printBlocks(content, header)]
    }),
  )
}

/**
 * The file that gives the variables their values: all of them, so that nothing else can.
 *
 * @param own values that are a run's own, such as `access_key_generations` and `pgp_key`
 */
export function variableValues(spec: StoreSpec, own: Readonly<Record<string, JsonValue>> = {}): Files {
  const values = { ...valuesOf(spec), ...own }
  return new Map([[VALUES_FILE, `${JSON.stringify(values, null, 2)}\n`]])
}

const PROVIDER: HclBlock = {
  type: 'provider',
  labels: ['aws'],
  body: {
    region: '${var.region}',
    skip_region_validation: true,
    ignore_tags: [{ keys: '${var.other_tag_keys}' }],
  },
  attributeComments: {
    skip_region_validation: 'AWS opens regions that a release of the provider has not heard of.',
  },
}

function versions({ layout, awsProviderVersion }: Target): HclBlock {
  return {
    type: 'terraform',
    labels: [],
    ...(layout === 'module' && { attributeComments: { 'required_providers.aws': GAP } }),
    body: {
      required_version: TERRAFORM,
      required_providers: {
        aws: { source: 'hashicorp/aws', version: layout === 'root' ? awsProviderVersion : MODULE_PROVIDER },
      },
    },
  }
}

function backend({ type, settings }: BackendBlock): HclBlock {
  const body = type === 'cloud' ? { cloud: cloud(settings) } : { backend: { [type]: settings } }
  return { type: 'terraform', labels: [], body }
}

/** HCP Terraform has a block of its own, and in it one for the workspace. */
function cloud({ workspace: name = '', project, ...settings }: BackendBlock['settings']): JsonObject {
  return { ...settings, workspaces: { name, ...(project === undefined ? {} : { project }) } }
}

/** Locals are no constructs of their own that could carry a comment. */
function commentLocals(block: HclBlock): HclBlock {
  if (block.type !== 'locals') return block
  const comment =
    "Names that are not given are made from the bucket's, within IAM's 64 characters, so that the module can be called twice. The partition is aws, aws-cn or aws-us-gov."
  return { ...block, comment }
}

/** Lifecycle rules in the order that AWS has them: in another one each would read as changed. */
function orderRules({ others }: StoreSpec): (block: HclBlock) => HclBlock {
  return (block) => {
    const { dynamic = null, rule = null, ...body } = block.body
    const isOfRules = block.labels[0] === 'aws_s3_bucket_lifecycle_configuration'
    if (!others.lifecycleRulesComeFirst || !isOfRules) return block
    return { ...block, body: { ...body, dynamic, ...(rule === null ? {} : { rule }) } }
  }
}

/** The file that lets Terraform take over what is there already; none where there is nothing. */
export function importBlocks(imports: readonly { readonly to: string; readonly id: string }[]): Files {
  const block = ({ to, id }: { readonly to: string; readonly id: string }): string =>
    `import {\n  to = ${to}\n  id = ${JSON.stringify(id)}\n}\n`
  return new Map(imports.length === 0 ? [] : [['imports.tf', imports.map(block).join('\n')]])
}

/** The block that has Terraform forget what it manages, and leave it in AWS. */
export function removedBlock(from: string): string {
  return `removed {\n  from = ${from}\n\n  lifecycle {\n    destroy = false\n  }\n}\n`
}

/**
 * The Terraform of a store that is taken down: an ordinary plan of it deletes what the state holds and forgets the
 * bucket and its settings. Never `plan -destroy`, which would not heed that.
 *
 * @param deletesBucket the bucket goes, and its settings with it
 */
export function teardown({ region, ...spec }: StoreSpec, target: Target, deletesBucket: boolean): Files {
  const provider = { ...PROVIDER, body: { region, skip_region_validation: true } }
  const blocks: Blocks = new Map([
    ['versions', [versions(target)]],
    ['backend', [backend(target.backend)]],
    ['providers', [provider]],
  ])
  const left = leftTypes({ ...spec, region, manageBucket: false })
  const printed = printBlocksOf(blocks, target)
  return new Map([
    ...printed,
    ...removedBlocks(left.filter((type) => !deletesBucket || type !== 'aws_s3_bucket')),
  ])
}

/** The file that has Terraform forget what is not in its files, and leave it in AWS; none where nothing is. */
export function removedBlocks(left: readonly string[]): Files {
  return new Map(
    left.length === 0 ? [] : [['removed.tf', left.map((type) => removedBlock(`${type}.store`)).join('\n')]],
  )
}
