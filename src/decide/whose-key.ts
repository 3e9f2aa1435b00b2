import { newStoreName, roleName, userName } from '../store/names'
import type { StoreSpec } from '../store/spec'
import type { Observed, Project, Store } from './observed'
import { fullName } from './projects'
import { day, lastUse } from './words'

/**
 * Where another project's store works with a key of this state, no run of this project may touch that key. And
 * names of stores are unique for an owner, so creating ours under a taken one would be refused half way.
 *
 * @param whose where keys of ours are known from: a connection asks for nothing of AWS, and has no say there
 * @throws with the ready lines for each way out
 */
export function refuseOthersStores(
  spec: StoreSpec,
  observed: Observed,
  whose: 'of this state' | 'of these outputs' = 'of this state',
): void {
  const { valohai } = observed
  if (valohai === undefined) return
  const [project] = valohai.projects
  const ofBucket = valohai.others.filter(({ type, bucket }) => type === 's3' && bucket === spec.bucketName)
  const holder = ofBucket.find((store) => holdsOurKey(store, observed))
  if (holder !== undefined) {
    throw new Error(
      `The store "${holder.name}" (${holder.id}) of another project works with an access key ${whose}, so nothing is changed.\n${waysOut(project, whose)}`,
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
      ? `${taken}, for the same bucket.\n${waysOut(project, whose)}`
      : `${taken}. Choose another \`store-name\`.`,
  )
}

/**
 * A store that works with somebody's key is not given another one, unless a run of this state gave it one
 * before: then the difference is drift.
 *
 * @throws saying whose the key is, and with the ready lines
 */
export function refuseOthersKeys(spec: StoreSpec, observed: Observed): void {
  const { valohai, state, record, keyOwner, otherStates } = observed
  const store = valohai?.store
  if (store === undefined) return
  if (keyOwner === undefined) {
    refuseHiddenKey(spec, store, observed)
    return
  }
  const given = record?.keys.filter(({ progress }) => progress === 'taken') ?? []
  // A state of an earlier release has keys, and no record of where they went.
  const isDrift =
    given.some(({ store: id }) => id === store.id) || (given.length === 0 && state.keys.length > 0)
  const { userName: user, stateTag } = keyOwner
  const other = stateTag === undefined || stateTag === spec.stateTag ? undefined : stateTag
  if (isDrift && other === undefined) return
  const head = `The store "${store.name}" (${store.id}) works with the access key ${store.accessKeyId ?? ''}`
  if (user === undefined) {
    if (spec.adopt) return
    throw new Error(
      `${head}, which this account does not have, so nothing is changed: executions may be working with it.\n` +
        'To give it a key of this state, set `adopt: true`: the old key is left as it is.',
    )
  }
  const otherState = other === undefined ? undefined : otherStates.get(other)
  const isGone = otherState !== undefined && otherState !== 'unknown' && otherState.user?.name !== user
  const role = otherState === undefined || otherState === 'unknown' ? undefined : otherState.role?.arn
  const names = [`    iam-user-name: ${user}`, ...roleLine(role ?? store.multipartRoleArn)]
  if (other !== undefined && !isGone) {
    throw new Error(
      [
        `${head} of the IAM user ${user}, which another state made, so nothing is changed.`,
        'To go on with that state, set:',
        ...stateLines(other),
        ...names,
        'For a store of its own on the bucket, delete that store in Valohai, or choose another project.',
      ].join('\n'),
    )
  }
  const whose = isGone ? `which the state ${other} made and holds no longer` : 'which no run made'
  throw new Error(
    [
      `${head} of the IAM user ${user}, ${whose}, so nothing is changed: executions may be working with it.`,
      'To take over that user with its key, set:',
      '    adopt: true',
      ...names,
    ].join('\n'),
  )
}

/** A role's name by its ARN, as an input. */
function roleLine(arn = ''): string[] {
  const name = arn.split('/').at(-1)
  return name === undefined || name === '' ? [] : [`    multipart-role-name: ${name}`]
}

/**
 * An adoption takes over the role that the store names, not one beside it.
 *
 * @throws with the ready line
 */
export function refuseOthersRole(spec: StoreSpec, { valohai, state }: Observed): void {
  const store = valohai?.store
  if (!spec.adopt || !spec.multipart || store === undefined || state.role !== undefined) return
  const [line] = roleLine(store.multipartRoleArn)
  if (line === undefined || line.trim() === `multipart-role-name: ${roleName(spec)}`) return
  throw new Error(
    `The store "${store.name}" (${store.id}) names the role ${store.multipartRoleArn ?? ''}, so nothing is changed. To take it over, set:\n${line}`,
  )
}

/** A store whose key is hidden, and that no run of this state knows, may work with anybody's. */
function refuseHiddenKey(spec: StoreSpec, store: Store, { state, record, keys, existing }: Observed): void {
  const isKnown = record?.keys.some(({ progress }) => progress === 'taken' || progress === 'offered') === true
  if (store.accessKeyId !== undefined || state.keys.length > 0 || isKnown) return
  const head = `The project has the store "${store.name}" (${store.id}) for this bucket already, and no run of this state made it, so nothing is changed.`
  if (!spec.adopt) throw new Error(`${head} To take it over, set \`adopt: true\`.`)
  const user = userName(spec)
  if (existing.user === undefined) {
    throw new Error(
      `${head} Valohai does not show its access key, and there is no IAM user ${user}. Set \`iam-user-name\` to the user whose key the store works with.`,
    )
  }
  if (keys.length < 2) return
  throw new Error(
    [
      `${head} Valohai does not show which access key of ${user} it works with:`,
      ...keys.map(
        ({ id, created, lastUsed, isActive }) =>
          `- ${id} of ${day(created)}${isActive ? '' : ', deactivated'}, ${lastUse(lastUsed)}`,
      ),
      'Delete the one that nobody uses in IAM, then run again.',
    ].join('\n'),
  )
}

function stateLines(stateTag: string): string[] {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(stateTag) ?? []
  return bucket === undefined || key === undefined
    ? [`    the backend of ${stateTag}`]
    : [`    state-bucket: ${bucket}`, `    state-key: ${key}`]
}

function waysOut(project: Project, whose: 'of this state' | 'of these outputs'): string {
  const [own, shared] =
    whose === 'of this state'
      ? ['add', 'set this where it is managed now, and list the projects there']
      : ['export and apply Terraform of its own with', 'list the projects here, and add']
  return [
    `For a store of its own for ${fullName(project)} on the same bucket, with a user and a key of its own, ${own}:`,
    '    manage-bucket: false',
    `For one store that all projects of ${project.owner.username} may use, ${shared}:`,
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

/** Whether a store works with a key of this state, as far as that is seen. */
export function holdsOurKey(store: Store, { state, record }: Observed): boolean {
  const recorded = record?.keys.filter(({ progress }) => progress === 'taken' || progress === 'offered') ?? []
  if (store.accessKeyId !== undefined) {
    return [...state.keys, ...recorded].some(({ id }) => id === store.accessKeyId)
  }
  return recorded.some(({ store: id }) => id === store.id)
}
