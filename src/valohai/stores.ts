import { ValohaiError } from './errors'
import type { DesiredStore, KeyReference, Project, Store } from './types'

/** Fields of a store that hold no secret, under the API's names. */
export type StoreField = 'name' | 'bucket' | 'region' | 'multipart_upload_iam_role' | 'kms_key_arn'

/**
 * The one of Valohai's stores that is the project's store for this bucket; `undefined` where there is none.
 *
 * Takes all stores the token sees; the API's filters may be ignored, so everything is matched here. Ours
 * is a live S3 store of the project with the bucket: of the wanted name, else of any other name, it was
 * renamed then. A store of the wanted name whose bucket the API hides is ours too.
 *
 * Throws `ValohaiError` where two fit equally well, and where the wanted name belongs to another store:
 * names are unique per owner, so creating ours or renaming it would be refused half way.
 */
export function chooseStore(
  stores: readonly Store[],
  project: Project,
  wanted: Pick<DesiredStore, 'name' | 'bucket'>,
): Store | undefined {
  // A list that shifts while it is read page by page may show an entry twice.
  const live = [...new Map(stores.map((store) => [store.id, store])).values()].filter(
    (store) => !store.deleted,
  )
  const here = live.filter((store) => store.type === 's3' && store.projectId === project.id)
  const ofBucket = here.filter((store) => store.bucket === wanted.bucket)
  const ofName = here.filter((store) => store.name === wanted.name && store.bucket === undefined)

  const exact = onlyOne(
    ofBucket.filter((store) => store.name === wanted.name),
    project,
    wanted,
  )
  if (exact) return exact
  const ours = onlyOne([...ofBucket, ...ofName], project, wanted)
  const holder = live.find(
    (store) => store.name === wanted.name && store.id !== ours?.id && sharesNames(store, project),
  )
  if (holder) throw nameTaken(holder, project, wanted)
  return ours
}

/** Whether the store's name is unavailable in the project: stores of one owner have different names. */
function sharesNames(store: Store, project: Project): boolean {
  return store.projectId === project.id || store.ownerId === String(project.owner.id)
}

function onlyOne(
  matches: readonly Store[],
  project: Project,
  { bucket }: Pick<DesiredStore, 'bucket'>,
): Store | undefined {
  if (matches.length > 1) {
    const list = matches.map(({ id, name }) => `${id} ("${name}")`).join(', ')
    throw new ValohaiError(
      `The project ${project.owner.username}/${project.name} has more than one store for the bucket ${bucket}: ${list}. ` +
        'Delete all but one in the project under Settings > Data Stores, then run again',
    )
  }
  return matches[0]
}

function nameTaken(holder: Store, project: Project, wanted: Pick<DesiredStore, 'name'>): ValohaiError {
  const where =
    holder.projectId === project.id
      ? 'in this project'
      : holder.projectId === undefined
        ? `of the same owner (${project.owner.username})`
        : `of the same owner (${project.owner.username}) in the project ${holder.projectId}`
  const what =
    holder.type !== 's3'
      ? `, a ${holder.type} store`
      : holder.bucket === undefined
        ? ''
        : ` for the bucket ${holder.bucket}`
  return new ValohaiError(
    `The store name "${wanted.name}" is taken by the store ${holder.id} ${where}${what}. Choose another \`store-name\``,
  )
}

/**
 * Which fields of the store are not as desired. What the API hides is not counted: unknown is no
 * difference. A role or a KMS key that is no longer desired is one, as Valohai would go on using it.
 */
export function differences(store: Store, desired: Omit<DesiredStore, 'accessKeyId'>): StoreField[] {
  const pairs: [StoreField, string | undefined, string][] = [
    ['name', store.name, desired.name],
    ['bucket', store.bucket, desired.bucket],
    ['region', store.region, desired.region],
    ['multipart_upload_iam_role', store.multipartRoleArn, desired.multipartRoleArn ?? ''],
    ['kms_key_arn', store.kmsKeyArn, desired.kmsKeyArn ?? ''],
  ]
  return pairs.flatMap(([field, is, wanted]) => (is === undefined || is === wanted ? [] : [field]))
}

/**
 * Whether the store holds the access key. Where the API hides the key's id, the time tells: a store that
 * was written after the key was made was written by the run that made it. Without a time: no.
 */
export function storeHoldsKey(store: Store, key: KeyReference): boolean {
  if (store.accessKeyId !== undefined) return store.accessKeyId === key.id
  if (store.mtime === undefined || key.created === undefined) return false
  return store.mtime.getTime() >= key.created.getTime()
}

/**
 * What a write did not do, as told by the store read before (none when it was created) and after it:
 * the names of the fields that are not as desired.
 *
 * `silent` tells a write that was accepted and left no trace: the key's id is hidden, and the store's
 * time has not moved. It is a suspicion and not a proof.
 */
export function writeEffect(
  before: Store | undefined,
  after: Store,
  desired: DesiredStore,
): { readonly missing: string[]; readonly silent: boolean } {
  const otherKey = after.accessKeyId !== undefined && after.accessKeyId !== desired.accessKeyId
  const missing = [...differences(after, desired), ...(otherKey ? ['access_key_id'] : [])]
  const silent =
    after.accessKeyId === undefined &&
    before?.mtime !== undefined &&
    after.mtime !== undefined &&
    after.mtime.getTime() <= before.mtime.getTime()
  return { missing, silent }
}
