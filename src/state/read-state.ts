import * as v from 'valibot'
import type { StackState, StateKey, Tags } from '../decide/observed'
import { isPublicKeyOfRun } from '../store/names'
import { ORIGIN_OUTPUT, type OutputName } from '../store/outputs'
import { grantedKmsKeys } from '../store/policies'

const attributes = v.record(v.string(), v.unknown())
const schema = v.object({
  version: v.literal(4),
  outputs: v.optional(v.record(v.string(), v.object({ value: v.optional(v.unknown()) })), {}),
  resources: v.array(
    v.object({
      module: v.optional(v.string()),
      mode: v.string(),
      type: v.string(),
      name: v.string(),
      instances: v.array(
        v.object({
          index_key: v.optional(v.union([v.string(), v.number()])),
          attributes: v.optional(attributes, {}),
        }),
      ),
    }),
  ),
})

type Resource = v.InferOutput<typeof schema>['resources'][number]

/** What no run has ever made anything of. */
export const EMPTY_STATE: StackState = {
  bucket: undefined,
  user: undefined,
  role: undefined,
  settings: [],
  tags: {},
  bucketName: undefined,
  origin: undefined,
  lifecycleRuleIds: [],
  keys: [],
  kms: { whole: [], decrypt: [] },
  plainSecrets: [],
}

/** The resources of a store, in a root of its own. */
const OURS =
  /^(aws_s3_bucket\w*\.store|aws_iam_(user|user_policy|access_key)\.store|aws_iam_(role|role_policy)\.multipart)$/

/**
 * Reads a Terraform state as the backend keeps it: JSON, version 4.
 *
 * @param text an empty text is a state that nothing was ever written to
 * @throws where it is no such state, or holds resources that are not a store's: a plan would destroy them
 */
export function parseState(text: string): StackState {
  if (text.trim() === '') return EMPTY_STATE
  const parsed = v.safeParse(schema, parseJson(text))
  if (!parsed.success)
    throw new Error('The Terraform state is not one of version 4, as Terraform 1.11 and OpenTofu write it.')
  const resources = parsed.output.resources.filter(({ mode }) => mode === 'managed')
  const foreign = resources.find(
    ({ module, type, name }) => module !== undefined || !OURS.test(`${type}.${name}`),
  )
  if (foreign !== undefined) {
    const address = `${foreign.module === undefined ? '' : `${foreign.module}.`}${foreign.type}.${foreign.name}`
    throw new Error(
      `The Terraform state holds resources of another configuration (${address}), which a run would destroy. Give this store a state of its own with \`state-key\`.`,
    )
  }
  const of = (type: string): readonly Attributes[] =>
    resources.filter((resource) => resource.type === type).flatMap(instancesOf)
  const [bucket] = of('aws_s3_bucket')
  const [user] = of('aws_iam_user')
  const [role] = of('aws_iam_role')
  const keys = of('aws_iam_access_key')
  const output = (name: OutputName): string | undefined => {
    const value = parsed.output.outputs[name]?.value
    return typeof value === 'string' ? value : undefined
  }
  return {
    bucket: bucket && {
      name: textOf(bucket, 'bucket'),
      arn: textOf(bucket, 'arn'),
      region: textOf(bucket, 'region'),
    },
    user: user && { name: textOf(user, 'name'), arn: textOf(user, 'arn') },
    role: role && { name: textOf(role, 'name'), arn: textOf(role, 'arn') },
    settings: resources
      .filter(({ instances }) => instances.length > 0)
      .map(({ type }) => type)
      .filter(isSetting),
    tags: {
      ...(bucket && { bucket: tagsOf(bucket) }),
      ...(user && { user: tagsOf(user) }),
      ...(role && { role: tagsOf(role) }),
    },
    bucketName: output('bucket'),
    origin: output(ORIGIN_OUTPUT),
    lifecycleRuleIds: of('aws_s3_bucket_lifecycle_configuration').flatMap(ruleIds),
    keys: keys.map(keyOf).sort((a, b) => Number(a.generation) - Number(b.generation)),
    kms: grantedKmsKeys(of('aws_iam_user_policy').map((policy) => textOf(policy, 'policy'))[0]),
    plainSecrets: keys.map((key) => textOf(key, 'secret')).filter((secret) => secret !== ''),
  }
}

interface Attributes {
  readonly index: string
  readonly values: Readonly<Record<string, unknown>>
}

function instancesOf({ instances }: Resource): Attributes[] {
  return instances.map(({ index_key, attributes: values }) => ({ index: String(index_key ?? ''), values }))
}

function keyOf(key: Attributes): StateKey {
  const created = new Date(textOf(key, 'create_date') || Number.NaN)
  const sealedSecret = textOf(key, 'encrypted_secret') || undefined
  const hasPlainSecret = textOf(key, 'secret') !== ''
  const sealedFor = textOf(key, 'pgp_key') || undefined
  return {
    generation: key.index,
    id: textOf(key, 'id'),
    created: Number.isNaN(created.getTime()) ? undefined : created,
    sealedSecret,
    sealedFor,
    isImported: sealedSecret === undefined && !hasPlainSecret,
    mayBeAnywhere:
      sealedSecret === undefined || hasPlainSecret || sealedFor === undefined || !isPublicKeyOfRun(sealedFor),
  }
}

const isSetting = (type: string): boolean => type.startsWith('aws_s3_bucket_')

/** Tags as they were asked for. */
const tagsOf = ({ values }: Attributes): Tags => (values.tags ?? {}) as Tags

function ruleIds({ values }: Attributes): string[] {
  const { rule = [] } = values as { rule?: readonly { readonly id: string }[] }
  return rule.map(({ id }) => id)
}

/** An attribute's text; empty where it has none. */
function textOf({ values }: Attributes, name: string): string {
  const value = values[name]
  return typeof value === 'string' ? value : ''
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
