import type { Account, Existing, Observed, OtherState, RunRecord, StackState } from '../decide/observed'
import { roleName, STATE_TAG, userName } from '../store/names'
import type { RunLock } from '../state/run-lock'
import { EMPTY_STATE, parseState } from '../state/read-state'
import type { Run } from './act/context'
import { lookAtTies } from './ties'
import { askValohai, lookAtValohai } from './valohai'
import type { TerraformDirectory } from './world'

/** What a run needs before it can look. */
export interface Ground {
  readonly account: Account
  readonly directory: TerraformDirectory
  /** `undefined` for a plan, and with a backend other than S3. */
  readonly lock: RunLock | undefined
  /** Whether there is a state to read: the first plan of all has none. */
  readonly hasState: boolean
  /** Terraform's `init`, under way. */
  readonly initialized: Promise<void>
}

/**
 * Looks at everything that a decision depends on, and changes nothing.
 *
 * @param ground.initialized is waited for only where Terraform has to read the state
 */
export async function observe(run: Run, ground: Ground): Promise<Observed> {
  const { world } = run
  const { account } = ground
  const asked = askValohai(run)
  const record = await recordOf(run, ground)
  const [state, terraformLock] = await Promise.all([
    readState(run, ground),
    ground.lock && world.stateBucket?.terraformLock(),
  ])
  const { store: spec } = run.request
  const [keys, existing, preflight, valohai] = await Promise.all([
    world.aws.listKeys(state.user?.name ?? userName(spec)),
    findExisting(run, account, state),
    spec.manageBucket || run.request.wish === 'destroy'
      ? undefined
      : world.aws.preflight(spec.bucketName, spec.valohaiOrigin),
    lookAtValohai(run, asked, record, state),
  ])
  const observed = { now: world.now(), state, existing, keys, record, terraformLock, preflight, valohai }
  const stranger = strangerKey(observed)
  const keyOwner = stranger === undefined ? undefined : await world.aws.findKeyOwner(stranger)
  const tags = [existing.bucket, existing.user, existing.role].map((one) => one?.tags[STATE_TAG])
  const [otherStates, ties] = await Promise.all([
    readOthers(run, [...tags, keyOwner?.stateTag]),
    run.request.wish === 'destroy' ? lookAtTies(run, observed) : undefined,
  ])
  return { ...observed, keyOwner, otherStates, ties }
}

/** What the other states hold that made something under our names. */
async function readOthers(
  { world, request }: Run,
  tags: readonly (string | undefined)[],
): Promise<ReadonlyMap<string, OtherState>> {
  const others = [...new Set(tags)].flatMap((tag) =>
    tag === undefined || tag === request.store.stateTag ? [] : [tag],
  )
  return new Map(
    await Promise.all(others.map(async (tag) => [tag, await world.readOtherState(tag)] as const)),
  )
}

/** What runs have recorded; waits for one that is under way. */
export async function recordOf(
  { world }: Run,
  { lock, hasState }: Pick<Ground, 'lock' | 'hasState'>,
): Promise<RunRecord | undefined> {
  if (lock !== undefined) return lock.record
  return world.stateBucket === undefined || !hasState
    ? undefined
    : ((await world.stateBucket.awaitRecord()) ?? { keys: [] })
}

/** What the state holds. Secrets in it are masked as soon as they are read. */
export async function readState(
  { world, progress, request }: Run,
  { directory, hasState, initialized }: Pick<Ground, 'directory' | 'hasState' | 'initialized'>,
): Promise<StackState> {
  if (!hasState) return EMPTY_STATE
  let text = await world.stateBucket?.readState()
  if (text === undefined) {
    await initialized
    text = await directory.terraform.pull()
  }
  const state = parseState(text)
  for (const secret of state.plainSecrets) world.reporter.mask(secret)
  const { bucket, user, role, keys } = state
  progress.describe([
    ...(bucket === undefined ? [] : [`The bucket ${bucket.name} in ${request.store.region}.`]),
    ...(user === undefined ? [] : [`The IAM user ${user.arn}.`]),
    ...(role === undefined ? [] : [`The role ${role.arn}.`]),
    ...keys.map(({ id, generation }) => `The access key ${id}, generation ${generation}.`),
  ])
  return state
}

/** The key that the store shows and that is none of our user's or this state's. */
function strangerKey({
  valohai,
  state,
  keys,
  record,
}: Pick<Observed, 'valohai' | 'state' | 'keys' | 'record'>): string | undefined {
  const shown = valohai?.store?.accessKeyId
  const ours = [...state.keys, ...keys, ...(record?.keys ?? [])]
  return ours.some(({ id }) => id === shown) ? undefined : shown
}

/** Looks at what the account has under the names of this store. */
async function findExisting({ world, request }: Run, account: Account, state: StackState): Promise<Existing> {
  const { user, role } = state
  const { store: spec } = request
  const roleIsWanted = role !== undefined || spec.multipart
  return world.aws.findExisting(account, {
    ...(spec.manageBucket ? { bucket: spec.bucketName } : {}),
    user: user?.name ?? userName(spec),
    ...(roleIsWanted ? { role: role?.name ?? roleName(spec) } : {}),
  })
}
