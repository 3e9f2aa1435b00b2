import { POLICY_NAMES, roleName, userName } from '../store/names'
import type { StoreSpec } from '../store/spec'
import type { ExistingBucket, Observed } from './observed'

/** A resource that Terraform takes over. */
export interface Import {
  /** Its address. */
  readonly to: string
  readonly id: string
}

/**
 * What is in the account under our names and not in the state: ours, where the tag names this state, or an
 * empty bucket, is imported without asking; what is somebody's is not touched.
 *
 * @throws where something is another state's or somebody's, naming it and what can be done
 */
export function importsOf(spec: StoreSpec, { existing, state }: Observed): Import[] {
  const { bucket, user, role } = existing
  const others = [
    ...(bucket === undefined || bucket.isEmpty
      ? []
      : ofOthers(`bucket ${spec.bucketName}`, bucket.stateTag, spec)),
    ...(user === undefined ? [] : ofOthers(`IAM user ${userName(spec)}`, user.stateTag, spec)),
    ...(role === undefined || !spec.multipart ? [] : ofOthers(`role ${roleName(spec)}`, role.stateTag, spec)),
  ]
  if (others.length > 0) throw new Error(refusal(others))
  const name = state.user?.name ?? userName(spec)
  return [
    ...(bucket === undefined ? [] : ofBucket(spec, bucket)),
    ...(user === undefined
      ? []
      : [
          { to: 'aws_iam_user.store', id: name },
          ...(user.hasPolicy
            ? [{ to: 'aws_iam_user_policy.store', id: `${name}:${POLICY_NAMES.user}` }]
            : []),
        ]),
    ...(role === undefined || !spec.multipart
      ? []
      : [
          { to: 'aws_iam_role.multipart', id: roleName(spec) },
          ...(role.hasPolicy
            ? [{ to: 'aws_iam_role_policy.multipart', id: `${roleName(spec)}:${POLICY_NAMES.role}` }]
            : []),
        ]),
  ]
}

function ofBucket(spec: StoreSpec, { settings }: ExistingBucket): Import[] {
  const wanted: Readonly<Record<string, boolean>> = {
    aws_s3_bucket_cors_configuration: spec.cors,
    aws_s3_bucket_public_access_block: spec.publicAccessBlock,
    aws_s3_bucket_lifecycle_configuration:
      spec.abortMultipartDays > 0 || (spec.versioning && spec.noncurrentDays > 0),
    aws_s3_bucket_versioning: spec.versioning,
  }
  const types = ['aws_s3_bucket', ...settings.filter((type) => wanted[type] ?? true)]
  return types.map((type) => ({ to: `${type}.store`, id: spec.bucketName }))
}

function ofOthers(what: string, stateTag: string | undefined, spec: StoreSpec): string[] {
  const isOurs = stateTag !== undefined && stateTag === spec.stateTag
  if (isOurs || (stateTag === undefined && spec.adopt)) return []
  return [
    stateTag === undefined
      ? `The ${what} was not made by a run.`
      : `The ${what} is of the state ${stateTag}.`,
  ]
}

function refusal(others: readonly string[]): string {
  return [
    'These exist already, and are not of this state, so nothing is changed:',
    ...others.map((line) => `- ${line}`),
    'To take over what people made, set `adopt: true`. To use the bucket as it is, with a user of its own, set `manage-bucket: false`. ' +
      'Where another state is named, use that one (`state-bucket`, `state-key`), or choose other names.',
  ].join('\n')
}

/** Tags are added; `force_destroy` is Terraform's own word, and nothing in AWS. */
const NO_CHANGE = /^(tags|tags_all|force_destroy)$/

/**
 * Why an adoption must not go on: it may import and add, and changes nothing of what people made but tags.
 *
 * @param changes what the plan changes of resources that it imports, by address, with the attributes' names
 */
export function refusalOfAdoption(changes: ReadonlyMap<string, readonly string[]>): string | undefined {
  const found = [...changes]
    .map(([address, attributes]) => [address, attributes.filter((name) => !NO_CHANGE.test(name))] as const)
    .filter(([, attributes]) => attributes.length > 0)
  if (found.length === 0) return undefined
  return [
    'Taking these over would change what people made, so nothing is changed:',
    ...found.map(([address, attributes]) => `- ${address}: ${attributes.join(', ')}`),
    'Set the input that keeps it (`kms-key-arn`, `versioning`, `abort-multipart-days: 0`, `cors: false`, `iam-path`, `permissions-boundary`), or `manage-bucket: false` to leave the bucket as it is.',
  ].join('\n')
}
