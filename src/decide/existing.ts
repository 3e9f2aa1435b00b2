import { isOfState, POLICY_NAMES, roleName, STATE_TAG, userName } from '../store/names'
import { bucketTypes } from '../store/parts'
import type { StoreSpec } from '../store/spec'
import { isPublic, othersInTrust } from './access'
import type { ExistingIdentity, Observed, StackState } from './observed'
import type { WithOthers } from './others'

/** A resource that Terraform takes over. */
export interface Import {
  /** Its address. */
  readonly to: string
  readonly id: string
  /** Whether people made it: then nothing of it may change. */
  readonly isAdopted?: boolean
}

/** What can be in the account and not in the state. */
const KINDS = ['bucket', 'user', 'role'] as const
type Kind = (typeof KINDS)[number]

/**
 * Refuses what stands in the way of a run: things that are not of this state, and what a run would have to change or
 * take out that somebody else made.
 *
 * @throws naming each, and what can be done
 */
export function refuseOfOthers(
  spec: StoreSpec,
  observed: Observed,
  { refused }: Pick<WithOthers, 'refused'>,
): void {
  const claims = KINDS.filter((kind) => isMissing(kind, observed)).flatMap((kind) =>
    claimOn(kind, spec, observed),
  )
  if (claims.length > 0)
    throw new Error(refusal('These exist already, and are not of this state', claims, WAYS_OUT))
  const lines = [...refused, ...unsafeAccess(spec, observed)]
  if (lines.length > 0) throw new Error(refusal('A run would have to change what somebody else made', lines))
}

const WAYS_OUT =
  'To take over what people made, set `adopt: true`. To use the bucket as it is, with a user of its own, set `manage-bucket: false`. ' +
  'Where another state is named, use that one (`state-bucket`, `state-key`), or choose other names.'

function refusal(head: string, lines: readonly string[], tail?: string): string {
  return [
    `${head}, so nothing is changed:`,
    ...lines.map((line) => `- ${line}`),
    ...(tail === undefined ? [] : [tail]),
  ].join('\n')
}

/**
 * What is in the account under our names and not in the state: ours, where the tag names this state, or an empty
 * bucket, is imported without asking; what people made, and what another state left, with `adopt`.
 *
 * @param spec the store as it is to be, with what others set
 */
export function importsOf(spec: StoreSpec, observed: Observed): Import[] {
  const { existing, state } = observed
  const { bucket } = existing
  const wanted = bucketTypes(spec)
  const settings = (bucket?.settings ?? []).filter((type) => !state.settings.includes(type))
  const ofBucket = [...(isMissing('bucket', observed) ? ['aws_s3_bucket'] : []), ...settings].filter((type) =>
    wanted.includes(type),
  )
  const isAdopted = (kind: Kind): { isAdopted?: true } =>
    isMissing(kind, observed) &&
    !isOfState(spec, existing[kind]?.tags) &&
    !(kind === 'bucket' && bucket?.isEmpty === true)
      ? { isAdopted: true }
      : {}
  return [
    ...ofBucket.map((type) => ({ to: `${type}.store`, id: spec.bucketName, ...isAdopted('bucket') })),
    ...identity('user', 'store', userName(spec), observed).map((one) => ({ ...one, ...isAdopted('user') })),
    ...(spec.multipart ? identity('role', 'multipart', roleName(spec), observed) : []).map((one) => ({
      ...one,
      ...isAdopted('role'),
    })),
  ]
}

function identity(kind: 'user' | 'role', address: string, name: string, observed: Observed): Import[] {
  const found = observed.existing[kind]
  if (found === undefined || !isMissing(kind, observed)) return []
  const policy = { to: `aws_iam_${kind}_policy.${address}`, id: `${name}:${POLICY_NAMES[kind]}` }
  return [{ to: `aws_iam_${kind}.${address}`, id: name }, ...(found.hasPolicy ? [policy] : [])]
}

/** Whether it is there and the state lacks it. */
function isMissing(kind: Kind, { existing, state }: Pick<Observed, 'existing' | 'state'>): boolean {
  return existing[kind] !== undefined && state[kind] === undefined
}

/** Why something is not this state's to take, a sentence. */
function claimOn(kind: Kind, spec: StoreSpec, { existing, otherStates }: Observed): string[] {
  const found = existing[kind]
  if (found === undefined || isOfState(spec, found.tags) || (kind === 'role' && !spec.multipart)) return []
  if (kind === 'bucket' && existing.bucket?.isEmpty === true) return []
  const what = `The ${nameOf(kind, spec)}`
  const tag = found.tags[STATE_TAG]
  if (tag === undefined) return spec.adopt ? [] : [`${what} was not made by a run.`]
  const other = otherStates.get(tag) ?? 'unknown'
  if (other === 'unknown') {
    return [
      `${what} is of the state ${tag}, which cannot be read from here. If that state is gone, take the tag \`${STATE_TAG}\` off it, and set \`adopt: true\`.`,
    ]
  }
  if (holds(other, found)) return [`${what} is of the state ${tag}.`]
  return spec.adopt ? [] : [`${what} was made by the state ${tag}, which holds it no longer.`]
}

const holds = ({ bucket, user, role }: StackState, { arn }: { readonly arn: string }): boolean =>
  [bucket, user, role].some((one) => one?.arn === arn)

function nameOf(kind: Kind, spec: StoreSpec): string {
  const names = {
    bucket: `bucket ${spec.bucketName}`,
    user: `IAM user ${userName(spec)}`,
    role: `role ${roleName(spec)}`,
  }
  return names[kind]
}

/** Who else has access, and would lose it, each a sentence with the way to keep it. */
function unsafeAccess(spec: StoreSpec, observed: Observed): string[] {
  const { existing, state } = observed
  const { bucket, user } = existing
  const role = spec.multipart ? existing.role : undefined
  const blocksPublic =
    spec.publicAccessBlock && !(bucket?.settings ?? []).includes('aws_s3_bucket_public_access_block')
  return [
    ...(bucket?.usesAcls === true
      ? [
          `The ACL of ${spec.bucketName} grants access to others, and ACLs would be turned off. Move it to a bucket policy, or set \`manage-bucket: false\`.`,
        ]
      : []),
    ...(blocksPublic && isMissing('bucket', observed) && bucket?.policyStatements.some(isPublic) === true
      ? [
          `The policy of ${spec.bucketName} lets everybody in, and public access would be blocked. Set \`public-access-block: false\` to keep that.`,
        ]
      : []),
    ...(role === undefined ? [] : othersInTrust(role.trust, (state.user ?? user)?.arn, userName(spec))).map(
      (who) =>
        `The role ${roleName(spec)} trusts ${who} too. Take that out of its trust policy, or set \`multipart-role-name\` to a new role's name.`,
    ),
    ...otherBoundary(spec, user, role),
  ]
}

/** User and role have one boundary. */
function otherBoundary(
  spec: StoreSpec,
  user: ExistingIdentity | undefined,
  role: ExistingIdentity | undefined,
): string[] {
  if (spec.permissionsBoundary !== undefined || user === undefined || role === undefined) return []
  const [ofUser, ofRole] = [user, role].map(({ permissionsBoundary }) => permissionsBoundary)
  if (ofUser === ofRole) return []
  return [
    `The IAM user ${userName(spec)} has ${ofUser ?? 'no permissions boundary'}, and the role ${roleName(spec)} ${ofRole ?? 'none'}. Set \`permissions-boundary: ${ofUser ?? ofRole ?? ''}\` for both.`,
  ]
}
