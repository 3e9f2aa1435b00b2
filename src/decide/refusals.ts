import { newStoreName, roleName, userName } from '../store/names'
import type { StoreSpec } from '../store/spec'
import type { Observed, Project, StackState, Store } from './observed'
import type { Plan, PlannedChange } from './plan'
import type { Decision } from './steps'
import { fullName } from './projects'

/** What takes a resource away from the world, or from the state. */
const TAKING = ['delete', 'replace', 'remove']

/**
 * A user or a role in use is not renamed: IAM's rename makes Terraform destroy key and policy first, and a store
 * names the role by its ARN.
 *
 * @throws naming the input that keeps the name
 */
export function refuseRenames(spec: StoreSpec, { user, role }: StackState): void {
  const refuse = (what: string, input: string, is: string, wanted: string): never => {
    throw new Error(
      `The ${what} is called ${is}, and would have to be renamed to ${wanted}: Valohai could not work with the store in between. ` +
        `Set \`${input}: ${is}\` to keep it. For another name, make a store of its own with another \`state-key\`.`,
    )
  }
  if (user !== undefined && user.name !== userName(spec))
    refuse('IAM user', 'iam-user-name', user.name, userName(spec))
  if (!spec.multipart || role === undefined || role.name === roleName(spec)) return
  refuse('role', 'multipart-role-name', role.name, roleName(spec))
}

/**
 * Where another project's store works with a key of this state, no run of this project may touch that key. And
 * names of stores are unique for an owner, so creating ours under a taken one would be refused half way.
 *
 * @throws with the ready lines for each way out
 */
export function refuseOthersStores(spec: StoreSpec, observed: Observed): void {
  const { valohai } = observed
  if (valohai === undefined) return
  const [project] = valohai.projects
  const ofBucket = valohai.others.filter(({ type, bucket }) => type === 's3' && bucket === spec.bucketName)
  const holder = ofBucket.find((store) => holdsOurKey(store, observed))
  if (holder !== undefined) {
    throw new Error(
      `The store "${holder.name}" (${holder.id}) of another project works with an access key of this state, so nothing is changed.\n${waysOut(project)}`,
    )
  }
  const takes = valohai.others.find(
    ({ name, projectId, ownerId }) =>
      name === newStoreName(spec) && (projectId === project.id || ownerId === String(project.owner.id)),
  )
  const isNamed = valohai.store?.name === newStoreName(spec)
  const keepsName = valohai.store !== undefined && (spec.storeName === undefined || isNamed)
  if (keepsName || takes === undefined) return
  const taken = `The store name "${newStoreName(spec)}" is taken by the store ${takes.id} ${placeOf(takes, project)}`
  throw new Error(
    ofBucket.includes(takes) && takes.projectId !== project.id
      ? `${taken}, for the same bucket.\n${waysOut(project)}`
      : `${taken}. Choose another \`store-name\`.`,
  )
}

/**
 * A store that works with somebody's key is not given another one, unless a run of this state gave it one
 * before: then the difference is drift.
 *
 * @throws saying whose the key is, and with the ready lines
 */
export function refuseOthersKeys(spec: StoreSpec, { valohai, state, record, keyOwner }: Observed): void {
  const store = valohai?.store
  if (store === undefined) return
  if (keyOwner === undefined) {
    refuseHiddenKey(spec, store, { state, record })
    return
  }
  const given = record?.keys.filter(({ progress }) => progress === 'taken') ?? []
  // A state of an earlier release has keys, and no record of where they went.
  const isDrift =
    given.some(({ store: id }) => id === store.id) || (given.length === 0 && state.keys.length > 0)
  const { userName: user, stateTag } = keyOwner
  const isOfOther = stateTag !== undefined && stateTag !== spec.stateTag
  if (!isOfOther && (isDrift || spec.adopt)) return
  const head = `The store "${store.name}" (${store.id}) works with the access key ${store.accessKeyId ?? ''}`
  if (stateTag !== undefined && user !== undefined) {
    throw new Error(
      [
        `${head} of the IAM user ${user}, which another state made, so nothing is changed.`,
        'To go on with that state, set:',
        ...stateLines(stateTag),
        `    iam-user-name: ${user}`,
        `For a store of its own on the bucket, delete that store in Valohai, or choose another project.`,
      ].join('\n'),
    )
  }
  const whose =
    user === undefined ? ', which this account does not have' : ` of the IAM user ${user}, which no run made`
  throw new Error(
    [
      `${head}${whose}, so nothing is changed: executions may be working with it.`,
      'To give it a key of this state, set `adopt: true`: the old key is left as it is, for you to remove. To go on with that user, set besides:',
      `    iam-user-name: ${user ?? newStoreName(spec)}`,
    ].join('\n'),
  )
}

/** A store whose key is hidden, and that no run of this state knows, may work with anybody's. */
function refuseHiddenKey(
  spec: StoreSpec,
  store: Store,
  { state, record }: Pick<Observed, 'state' | 'record'>,
): void {
  const isKnown = record?.keys.some(({ progress }) => progress === 'taken' || progress === 'offered') === true
  const isOurs = store.accessKeyId !== undefined || state.keys.length > 0 || isKnown
  if (isOurs || spec.adopt) return
  throw new Error(
    `The project has the store "${store.name}" (${store.id}) for this bucket already, and no run of this state made it, so nothing is changed. To give it a key of this state, set \`adopt: true\`.`,
  )
}

function stateLines(stateTag: string): string[] {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(stateTag) ?? []
  return bucket === undefined || key === undefined
    ? [`    the backend of ${stateTag}`]
    : [`    state-bucket: ${bucket}`, `    state-key: ${key}`]
}

function waysOut(project: Project): string {
  return [
    `For a store of its own for ${fullName(project)} on the same bucket, with a user and a key of its own, add:`,
    '    manage-bucket: false',
    `For one store that all projects of ${project.owner.username} may use, set this where it is managed now, and list the projects there:`,
    '    store-access: organization',
  ].join('\n')
}

function placeOf({ projectId, type, bucket }: Store, project: Project): string {
  const owner = `of the same owner (${project.owner.username})`
  const where =
    projectId === project.id
      ? 'in this project'
      : projectId === undefined
        ? owner
        : `${owner} in the project ${projectId}`
  const what = type !== 's3' ? `, a ${type} store` : bucket === undefined ? '' : ` for the bucket ${bucket}`
  return where + what
}

function holdsOurKey(store: Store, { state, record }: Observed): boolean {
  const recorded = record?.keys.filter(({ progress }) => progress === 'taken' || progress === 'offered') ?? []
  if (store.accessKeyId !== undefined) {
    return [...state.keys, ...recorded].some(({ id }) => id === store.accessKeyId)
  }
  return recorded.some(({ store: id }) => id === store.id)
}

/**
 * Why a plan must not be applied: it would take away what Valohai works with, and no step asked for that.
 *
 * @returns the reason and what to do, or `undefined` where the plan is safe
 */
export function refusalOf(plan: Plan, decision: Pick<Decision, 'going' | 'spec'>): string | undefined {
  const taken = plan.changes.filter(({ action }) => TAKING.includes(action))
  const bucket = taken.find(({ type }) => type === 'aws_s3_bucket')
  if (bucket !== undefined) return bucketRefusal(bucket.address, bucket.action)
  const unasked = taken.filter(
    (change) =>
      change.type.startsWith('aws_iam_') && change.isTainted !== true && !isAskedFor(change, plan, decision),
  )
  if (unasked.length === 0) return undefined
  return [
    'The plan would take away what Valohai works with, and nothing that was asked for needs that:',
    ...unasked.map(({ action, address }) => `- ${action} ${address}`),
    'This is refused. It happens where the state is that of another store (`state-key`), or where somebody changed the user or the role in AWS.',
  ].join('\n')
}

function isAskedFor(
  { address, type, action }: PlannedChange,
  plan: Plan,
  { going, spec }: Pick<Decision, 'going' | 'spec'>,
): boolean {
  if (type === 'aws_iam_access_key') {
    return action !== 'replace' && going.some((generation) => address.endsWith(`["${generation}"]`))
  }
  if (address !== 'aws_iam_role.multipart' && address !== 'aws_iam_role_policy.multipart') return false
  // AWS turns a trust in a user that was deleted into one in a dead id, so the role is recreated with the user.
  const userIsNew = plan.changes.some(
    (change) => change.address === 'aws_iam_user.store' && change.action === 'create',
  )
  return !spec.multipart || userIsNew
}

/** The same for a plan that Terraform itself refused, since the bucket has `prevent_destroy`. */
export function bucketRefusal(address: string, action: string): string {
  return [
    `The plan would ${action} the bucket (${address}), and with it its data. This is refused, always.`,
    'It happens when `bucket` or `region` changed while the state is still that of the old bucket.',
    'To link another bucket, give it a state of its own (`state-key`); to keep this one, set the old values again.',
  ].join('\n')
}
