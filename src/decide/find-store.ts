import type { Project, Store } from './observed'
import { fullName } from './projects'
import { isShared } from './store'

/** What a store is looked for by. */
export interface WantedStore {
  readonly name: string
  readonly bucket: string
  readonly access: 'project' | 'organization'
  /** Ids of stores that the record says were given a key of this state. */
  readonly recorded: readonly string[]
  /** Names under which a new store was offered a key, and the answer was lost: no more is known of it. */
  readonly lostOffers: readonly string[]
  /** Ids of this state's access keys. */
  readonly keys: readonly string[]
  /** Whether the keys are known to be for this very bucket: a store that has one and names another was changed. */
  readonly keysAreOfBucket: boolean
}

/**
 * The one of Valohai's stores that is the project's store for this bucket, and all other live ones.
 *
 * Takes all stores the token sees; the API's filters may be ignored, so everything is matched here. Ours is a
 * live S3 store of the bucket (or of a bucket that the API hides, with our name; or, by a change that somebody made,
 * of another bucket with a key of ours) that belongs to a project that was asked for; or that shows no project, as it
 * is shared, and was given a key of ours or is asked to be shared. People rename stores, so the name only decides
 * between several.
 *
 * @throws where two fit equally well
 */
export function chooseStore(
  stores: readonly Store[],
  projects: readonly [Project, ...Project[]],
  wanted: WantedStore,
): { readonly store: Store | undefined; readonly others: readonly Store[] } {
  // A list that shifts while it is read page by page may show an entry twice.
  const live = [...new Map(stores.map((store) => [store.id, store])).values()].filter(
    ({ deleted }) => !deleted,
  )
  const hasOurKey = ({ id, accessKeyId = '' }: Store): boolean =>
    wanted.recorded.includes(id) || wanted.keys.includes(accessKeyId)
  const isOfProjects = (store: Store): boolean =>
    store.projectId === undefined
      ? hasOurKey(store) ||
        (wanted.lostOffers.includes(store.name) &&
          store.accessKeyId === undefined &&
          store.ownerId === String(projects[0].owner.id)) ||
        (wanted.access === 'organization' &&
          store.ownerId === String(projects[0].owner.id) &&
          isShared(store))
      : projects.some(({ id }) => id === store.projectId)
  const isCandidate = (store: Store): boolean =>
    store.type === 's3' &&
    isOfProjects(store) &&
    (store.bucket === wanted.bucket ||
      (wanted.keysAreOfBucket && hasOurKey(store)) ||
      (store.bucket === undefined && (store.name === wanted.name || hasOurKey(store))))
  const matches = live.filter(isCandidate)
  const preferences = [
    (store: Store) => hasOurKey(store) && store.bucket === wanted.bucket,
    hasOurKey,
    (store: Store) => store.name === wanted.name && store.bucket === wanted.bucket,
    () => true,
  ]
  const best =
    preferences.map((prefers) => matches.filter(prefers)).find((preferred) => preferred.length > 0) ?? []
  if (best.length > 1) throw ambiguous(best, projects[0], wanted)
  const [store] = best
  return { store, others: live.filter((other) => other !== store) }
}

function ambiguous(matches: readonly Store[], project: Project, { bucket }: WantedStore): Error {
  const list = matches.map(({ id, name }) => `${id} ("${name}")`).join(', ')
  return new Error(
    `The project ${fullName(project)} has more than one store for the bucket ${bucket}: ${list}. ` +
      'Delete all but one in the project under Settings > Data Stores, then run again',
  )
}
