import { importBlocks } from '../infra/synthesize'
import { code, fence, fold } from '../markdown/escape'
import { keyAddress, POLICY_NAMES, roleName, userName } from '../store/names'
import { bucketTypes } from '../store/parts'
import type { StoreSpec } from '../store/spec'
import type { DocumentsRequest } from './documents'
import { generationsOf } from './generations'

/** Stands for the id of a key that is there: AWS alone knows it. */
const KEY_ID = '<ACCESS_KEY_ID>'

/** What may be there already, taken over: each by its address and what AWS knows it by. */
interface Names {
  readonly bucket: string
  readonly user: string
  readonly role: string
  readonly key: string
}

/** @param generation of the key */
function importsOf(spec: StoreSpec, names: Names, generation: number): { to: string; id: string }[] {
  const { bucket, user, role, key } = names
  return [
    ...bucketTypes(spec).map((type) => ({ to: `${type}.store`, id: bucket })),
    { to: 'aws_iam_user.store', id: user },
    { to: 'aws_iam_user_policy.store', id: `${user}:${POLICY_NAMES.user}` },
    { to: keyAddress(String(generation)), id: key },
    ...(spec.multipart
      ? [
          { to: 'aws_iam_role.multipart', id: role },
          { to: 'aws_iam_role_policy.multipart', id: `${role}:${POLICY_NAMES.role}` },
        ]
      : []),
  ]
}

/**
 * The way in, ready to paste: `import` blocks for all that may exist, and for a module the `moved` blocks that bring
 * an exported root into it. Terraform overwrites the settings of a bucket that are not in its state, and its plan does
 * not show it.
 */
export function entrySection(request: DocumentsRequest): string {
  const { spec, target } = request
  const names: Names = {
    bucket: spec.bucketName,
    user: userName(spec),
    role: roleName(spec),
    key: KEY_ID,
  }
  const { current } = generationsOf(request)
  const isRoot = target.layout === 'root'
  const hcl = (imports: readonly { to: string; id: string }[], prefix: string): string =>
    importBlocks(imports.map(({ to, id }) => ({ to: `${prefix}${to}`, id }))).get('imports.tf') ?? ''
  const single = fence(hcl(importsOf(spec, names, current), isRoot ? '' : 'module.store.').trimEnd(), 'hcl')
  const settings = spec.manageBucket
    ? ' Settings of a bucket that you do not import are overwritten, and the plan does not show what was there before. Statements and rules of others in them go into `other_policy_statements`, `other_cors_rules` and `other_lifecycle_rules`: what the plan shows as taken away is taken away.'
    : ''
  const paragraphs = [
    '## What is there already',
    `Is any of it there already, made by hand, say? Then take it over: put this into a file \`imports.tf\` beside the configuration, take out the blocks of what is not there (Terraform names those: *Cannot import non-existent remote object*), and delete the file after the apply.${settings} \`${KEY_ID}\` stands for the id of the access key that Valohai holds; its secret cannot be read again, so it comes to an end with the next rotation.`,
    single,
    ...(isRoot ? [intoModule()] : [ofEach(spec, names, current), movedInto(request)]),
  ]
  return paragraphs.join('\n\n')
}

const intoModule = (): string =>
  'To make this a module of a configuration of yours later, export it once more with `layout` `module`, into another directory: its README has the `moved` blocks for it.'

/** The same for a module that is called with `for_each`. */
function ofEach(spec: StoreSpec, names: Names, generation: number): string {
  const ofValues: Names = {
    bucket: '${each.value.bucket}',
    user: '${each.value.user}',
    role: '${each.value.role}',
    key: '${each.value.key}',
  }
  const each = importsOf(spec, ofValues, generation)
  const entries = Object.entries(names).filter(([name]) => name !== 'role' || spec.multipart)
  const local = `locals {
  # For each key of the module's for_each, what is there.
  existing = {
    "churn-model" = {
${entries.map(([name, value]) => `      ${name.padEnd(6)} = ${JSON.stringify(value)}\n`).join('')}    }
  }
}`
  const blocks = each.map(
    ({ to, id }) => `import {
  for_each = local.existing
  to       = module.store[each.key].${to}
  id       = ${/^\$\{[^}]*\}$/.test(id) ? id.slice(2, -1) : JSON.stringify(id)}
}`,
  )
  return fold(
    'The same where the module is called with for_each',
    `\`store\` is the name of the module's block, here as above.\n\n${fence([local, ...blocks].join('\n\n'), 'hcl')}`,
  )
}

/** Whoever applied an exported root takes its state along. */
function movedInto({ blocks, target }: DocumentsRequest): string {
  const file = (name: string): string => code(`${name}.${target.format === 'json' ? 'tf.json' : 'tf'}`)
  const moved = blocks
    .filter(({ type }) => type === 'resource')
    .map(({ labels }) => labels.join('.'))
    .map((address) => `moved {\n  from = ${address}\n  to   = module.store.${address}\n}`)
  return fold(
    'From an exported root into this module',
    `In the root's directory, put the provider, the block of \`module.store\` and the outputs above in the place of ${file('main')}, ${file('variables')}, ${file('outputs')}, ${file('providers')} and \`terraform.tfvars.json\`; ${file('backend')} and ${file('versions')} stay, and \`tests\` goes: the module has its own. Give the module the values that stood in \`terraform.tfvars.json\`, \`tags\` and \`access_key_generations\` among them. These blocks, as \`moved.tf\`, have Terraform make nothing and take nothing away; for an instance of \`for_each\`, write \`module.store["churn-model"]\` in them.

${fence(moved.join('\n\n'), 'hcl')}`,
  )
}
