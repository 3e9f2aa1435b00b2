import { chooseStore } from '../decide/find-store'
import type { ObservedValohai, Project, RunRecord, StackState, Store } from '../decide/observed'
import { fullName } from '../decide/projects'
import { newStoreName } from '../store/names'
import type { Request } from '../config'
import type { World } from './world'

/** What Valohai is asked with, and for. */
interface Asking {
  readonly world: Pick<World, 'reporter' | 'valohai'>
  readonly request: Pick<Request, 'store' | 'valohai'>
}

type Asked = Promise<{ projects: ObservedValohai['projects']; stores: readonly Store[] }> | undefined

/** Begins to ask Valohai for what can be asked without knowing anything of AWS. */
export function askValohai({ world: { valohai }, request }: Asking): Asked {
  if (valohai === undefined || request.valohai === undefined) return undefined
  const { projects: references } = request.valohai
  const asked = (async () => {
    const projects = await valohai.findProjects(references)
    refuseSeveralOwners(projects)
    return { projects, stores: await valohai.listStores(projects) }
  })()
  // Awaited later, when a failure elsewhere may have ended the run already.
  asked.catch(() => undefined)
  return asked
}

/** Keys of ours, and the bucket that they are for. */
interface KnownKeys extends Pick<StackState, 'bucketName'> {
  readonly keys: readonly Pick<StackState['keys'][number], 'id'>[]
}

/** What Valohai has: the store of the projects, and every other. */
export async function lookAtValohai(
  { world: { valohai, reporter }, request }: Asking,
  asked: Asked,
  record: RunRecord | undefined,
  { keys: known, bucketName }: KnownKeys,
): Promise<ObservedValohai | undefined> {
  if (asked === undefined || valohai === undefined) {
    reporter.info('No token and no project given: this plan is of AWS alone')
    return undefined
  }
  const { projects, stores } = await asked
  const recorded = [...new Set((record?.keys ?? []).flatMap(({ store }) => store ?? []))]
  // A store counts as not seen only once it was asked for by itself.
  const missing = recorded.filter((id) => !stores.some((store) => store.id === id))
  const fetched = await Promise.all(missing.map((id) => valohai.readStore(id)))
  const all = [...stores, ...fetched.flatMap((store) => store ?? [])]
  const { store, others } = chooseStore(all, projects, {
    name: newStoreName(request.store),
    bucket: request.store.bucketName,
    access: request.store.storeAccess,
    recorded,
    lostOffers: (record?.keys ?? []).flatMap(({ progress, store, offeredAs = [] }) =>
      progress === 'offered' && store === undefined ? offeredAs : [],
    ),
    keysAreOfBucket: bucketName === request.store.bucketName,
    keys: [...known, ...(record?.keys ?? [])].flatMap(({ id }) => id ?? []),
  })
  const found = store === undefined ? 'no store for this bucket yet' : `store "${store.name}" (${store.id})`
  reporter.info(
    `${projects.length === 1 ? 'Project' : 'Projects'} ${projects.map(fullName).join(', ')}: ${found}`,
  )
  const isSeen = (id: string): boolean => all.some((one) => one.id === id && !one.deleted)
  const deletedByRuns = (record?.deletedStores ?? []).filter((id) => !isSeen(id))
  const deleted = new Set([...all.filter((one) => one.deleted).map(({ id }) => id), ...deletedByRuns])
  return { projects, store, others, deleted }
}

function refuseSeveralOwners([first, ...others]: readonly [Project, ...Project[]]): void {
  const other = others.find(({ owner }) => owner.id !== first.owner.id)
  if (other === undefined) return
  throw new Error(
    `${fullName(first)} and ${fullName(other)} have different owners, and a store can be shared by the projects of one. ` +
      'List the projects of one owner in `valohai-project`.',
  )
}
