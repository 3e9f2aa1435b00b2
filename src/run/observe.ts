import { chooseStore } from '../decide/find-store'
import type { Observed, ObservedValohai, RunRecord, StackState } from '../decide/observed'
import { fullName } from '../decide/projects'
import { newStoreName, userName } from '../store/names'
import type { RunLock } from '../state/run-lock'
import { EMPTY_STATE, parseState } from '../state/read-state'
import type { Run } from './act/context'
import type { TerraformDirectory } from './world'

/** What a run needs before it can look. */
export interface Ground {
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
  const asked = askValohai(run)
  const record = await recordOf(run, ground)
  const state = await readState(run, ground)
  const [keys, valohai] = await Promise.all([
    world.aws.listKeys(state.user?.name ?? userName(run.request.store)),
    seeValohai(run, asked, record, state),
  ])
  return { now: world.now(), state, keys, record, valohai }
}

/** Proves that Valohai can be worked with, before anything is made. */
export async function proveValohai(run: Run): Promise<void> {
  await seeValohai(run, askValohai(run), undefined, EMPTY_STATE)
}

async function recordOf({ world }: Run, { lock, hasState }: Ground): Promise<RunRecord | undefined> {
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

type Asked =
  | Promise<
      Pick<ObservedValohai, 'projects'> & {
        stores: Awaited<ReturnType<NonNullable<Run['world']['valohai']>['listStores']>>
      }
    >
  | undefined

/** Begins to ask Valohai, which needs to know nothing of AWS. */
function askValohai({ world: { valohai }, request }: Run): Asked {
  if (valohai === undefined || request.valohai === undefined) return undefined
  const { projects } = request.valohai
  const asked = (async () => {
    const [project, ...others] = await Promise.all([
      valohai.findProject(projects[0]),
      ...projects.slice(1).map((one) => valohai.findProject(one)),
    ])
    return { projects: [project, ...others] as const, stores: await valohai.listStores(project) }
  })()
  // Awaited later, when a failure elsewhere may have ended the run already.
  asked.catch(() => undefined)
  return asked
}

async function seeValohai(
  { world, request }: Run,
  asked: Asked,
  record: RunRecord | undefined,
  state: StackState,
): Promise<ObservedValohai | undefined> {
  const { valohai, reporter } = world
  if (asked === undefined || valohai === undefined) {
    reporter.info('No token and no project given: this plan is of AWS alone')
    return undefined
  }
  const { projects, stores } = await asked
  const [project] = projects
  const recorded = [...new Set((record?.keys ?? []).flatMap(({ store }) => store ?? []))]
  const missing = recorded.filter((id) => !stores.some((store) => store.id === id))
  const fetched = (await Promise.all(missing.map((id) => valohai.readStore(id)))).flatMap(
    (store) => store ?? [],
  )
  const all = [...stores, ...fetched]
  const { bucketName: bucket } = request.store
  const name = newStoreName(request.store)
  const ids = [...state.keys, ...(record?.keys ?? [])].flatMap(({ id }) => id ?? [])
  const { store, others } = chooseStore(all, project, { name, bucket, recorded, keys: ids })
  const found = store === undefined ? 'no store for this bucket yet' : `store "${store.name}" (${store.id})`
  reporter.info(`Project ${fullName(project)}, ${found}`)
  const deleted = new Set(all.filter((one) => one.deleted).map(({ id }) => id))
  return { projects, store, others, deleted }
}
