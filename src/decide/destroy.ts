import { isOfState, POLICY_NAMES, roleName, userName } from '../store/names'
import type { StoreSpec } from '../store/spec'
import type { Asked } from './decide'
import { keyring } from './keys'
import type { Observed, Store } from './observed'
import type { Attachment, BucketContents } from './ties'
import { fullName } from './projects'
import { entryOf, isKnownAsNotTaken } from './record'
import type { Decision, Leftover, Step } from './steps'
import { holdsOurKey } from './whose-key'
import { lastUse } from './words'

/** Names of what goes in AWS; `undefined` where there is none, or where it is not this state's. */
interface Going {
  readonly user: string | undefined
  readonly role: string | undefined
  readonly bucket: string | undefined
}

/** What goes in AWS: what the state holds, or what bears its tag; the bucket where that is asked for. */
export function goingOf(
  { store: spec, deletesBucket = false }: Pick<Asked, 'store' | 'deletesBucket'>,
  { state, existing }: Pick<Observed, 'state' | 'existing'>,
): Going {
  const isOurs = (kind: keyof Going): boolean => isOfState(spec, existing[kind]?.tags)
  const bucketIsOurs = existing.bucket !== undefined && (state.bucket !== undefined || isOurs('bucket'))
  return {
    user: state.user?.name ?? (isOurs('user') ? userName(spec) : undefined),
    role: state.role?.name ?? (isOurs('role') ? roleName(spec) : undefined),
    bucket: deletesBucket && bucketIsOurs ? spec.bucketName : undefined,
  }
}

/**
 * Decides how a store is taken down, in order: nothing that somebody works with goes before the store itself is gone.
 * The bucket stays, unless `deletesBucket`.
 *
 * @throws naming all that stands in the way: then nothing is taken down
 */
export function decideDestroy(asked: Asked, observed: Observed): Omit<Decision, 'staleLock'> {
  const { store: spec, deletesBucket = false } = asked
  const found: Found = { ...goingOf(asked, observed), store: observed.valohai?.store, deletesBucket }
  const obstacles = [
    ...ofStores(spec, observed, found),
    ...ofKeys(observed, found),
    ...ofAttachments(observed, found),
    ...ofContents(spec, observed.ties?.contents),
  ]
  if (obstacles.length > 0) {
    const lines = obstacles.map((line) => `- ${line}`).join('\n')
    throw new Error(`Nothing is taken down, since this stands in the way:\n${lines}`)
  }
  return {
    steps: stepsOf(observed, found),
    spec,
    generations: [],
    going: observed.state.keys.map(({ generation }) => generation),
    newGeneration: undefined,
    // What is told of the keys stands in the notes: afterwards there are none.
    keyring: { keys: [], current: undefined, stranger: undefined, isBroken: false },
    imports: [],
    store: observed.valohai && {
      action: found.store === undefined ? 'unchanged' : 'deleted',
      fields: [],
      newKey: false,
    },
    waits: [],
    warnings: [],
    notes: notesOf(spec, observed, found),
    takesDown: { deletesBucket },
  }
}

/** What there is to be taken down, and whether that was to be the bucket too. */
interface Found extends Going {
  readonly store: Store | undefined
  readonly deletesBucket: boolean
}

function ofStores(spec: StoreSpec, observed: Observed, { store, user, bucket }: Found): string[] {
  const { valohai, ties } = observed
  if (valohai === undefined) return []
  const { projects, others } = valohai
  const isListed = (id: string): boolean => projects.some((project) => project.id === id)
  const name = ({ name, id }: Store): string => `The store "${name}" (${id})`
  const holders = others.filter((other) => holdsOurKey(other, observed))
  const ofBucket = others.filter(
    (other) => other.type === 's3' && other.bucket === spec.bucketName && !holders.includes(other),
  )
  return [
    ...(store !== undefined && !isOfThisState(store, observed, user)
      ? [
          `${name(store)} works with no access key of this state. Check \`state-key\`; where it is to go all the same, delete it in Valohai.`,
        ]
      : []),
    ...holders.map(
      (other) =>
        `${name(other)}${other.projectId === undefined ? '' : ' of another project'} works with an access key of this state. Delete it, or give it a key of its own (\`manage-bucket: false\`).`,
    ),
    ...(bucket === undefined ? [] : ofBucket).map(
      (other) => `${name(other)} is for this bucket too. Delete it, or leave \`delete-bucket\` out.`,
    ),
    ...(ties?.defaultOf ?? [])
      .filter(({ id }) => !isListed(id))
      .map(
        (project) =>
          `The project ${fullName(project)} has the store as its default. Add it to \`valohai-project\`, so that it is known to lose it.`,
      ),
  ]
}

/**
 * Whether a run of this state gave the store its key, as far as that is seen.
 *
 * @param user this state's; keys of a user that only has its name are not
 */
function isOfThisState(store: Store, { state, record, keys }: Observed, user: string | undefined): boolean {
  if (record?.keys.some((key) => key.store === store.id) === true) return true
  if (store.accessKeyId === undefined) return state.keys.length > 0
  const ours = user === undefined ? state.keys : [...state.keys, ...keys]
  return ours.some(({ id }) => id === store.accessKeyId)
}

function ofKeys(observed: Observed, { user, store }: Found): string[] {
  if (user === undefined) return []
  return keyring(observed, 0).keys.flatMap(({ id, fate, lastUsed }) => {
    if (fate === 'foreign')
      return [
        `The access key ${id} of the IAM user ${user} (${lastUse(lastUsed)}): no run made it. Give its holder a user of their own, and delete it in IAM.`,
      ]
    return fate !== 'unused' && mayBeHeldUnseen(id, observed, store)
      ? [
          `The access key ${id} (${lastUse(lastUsed)}) may be held by a store that this token does not see. Use a token that sees it; where that store is gone, delete the key in IAM.`,
        ]
      : []
  })
}

/** Whether a store that is not seen here, and not known to be deleted, may work with the key. */
function mayBeHeldUnseen(id: string, observed: Observed, store: Store | undefined): boolean {
  const { record, valohai } = observed
  const deleted = valohai?.deleted ?? new Set()
  const entry = entryOf(observed, id)
  if (isKnownAsNotTaken(entry, deleted)) return false
  if (entry?.store !== undefined) return entry.store !== store?.id
  // No note says which store has it: the one that is seen, else one that a run has deleted.
  return store === undefined && record !== undefined && record.deletedStores === undefined
}

function ofAttachments(observed: Observed, found: Found): string[] {
  return attachmentsOf(observed)
    .filter((one) => !isInlineToRemove(one, observed))
    .map(
      ({ of, kind, name }) =>
        `The ${of} ${found[of] ?? ''}: no run made its ${kind} ${name}. Take it off in IAM.`,
    )
}

const attachmentsOf = ({ ties }: Observed): readonly Attachment[] => ties?.attachments ?? []

/** Our own inline policies, and those that an adoption found. */
function isInlineToRemove({ of, kind, name }: Attachment, { record }: Observed): boolean {
  const isAdopted = record?.adopted?.some((one) => one.of === of && one.name === name) === true
  return kind === 'inline policy' && (name === POLICY_NAMES[of] || isAdopted)
}

function ofContents({ bucketName }: StoreSpec, contents: BucketContents | undefined): string[] {
  if (contents === undefined) return []
  const { objects, versions, uploads, isMore } = contents
  if (objects + versions + uploads === 0) return []
  const found = [
    `objects: ${objects}`,
    `older versions and marks of deletion: ${versions}`,
    `unfinished uploads: ${uploads}`,
  ]
  const counted = `${found.join(', ')}${isMore ? ', and more' : ''}`
  return [`The bucket ${bucketName} is not empty (${counted}). Empty it, or leave \`delete-bucket\` out.`]
}

function stepsOf(observed: Observed, found: Found): Step[] {
  const { state, ties } = observed
  const { user, role, store } = found
  const owners = { user, role }
  const policies = attachmentsOf(observed).map(({ of, name }) => ({ of, name, on: owners[of] ?? '' }))
  const inState = new Set(state.keys.map(({ id }) => id))
  const lost = user === undefined ? [] : observed.keys.filter(({ id }) => !inState.has(id))
  const leftovers = leftoversOf(observed, found)
  return [
    ...(ties?.defaultOf ?? []).map((project) => ({ kind: 'clear-default', project }) as const),
    ...(store === undefined ? [] : [{ kind: 'delete-store', store } as const]),
    ...(policies.length > 0 ? [{ kind: 'remove-policies', policies } as const] : []),
    ...(lost.length > 0 ? [{ kind: 'remove-lost-keys', ids: lost.map(({ id }) => id) } as const] : []),
    { kind: 'terraform', part: 'all' },
    ...(leftovers.length > 0 ? [{ kind: 'remove-leftovers', leftovers } as const] : []),
  ]
}

/** What a run made that was killed before its state was saved; and a bucket that an earlier `destroy` left. */
function leftoversOf({ state }: Observed, found: Found): Leftover[] {
  // A role trusts the user, so it goes first.
  return (['role', 'user', 'bucket'] as const).flatMap((kind) => {
    const name = found[kind]
    return name === undefined || state[kind] !== undefined ? [] : [{ kind, name }]
  })
}

/** What goes, what comes of it, and what stays: each a sentence. */
function notesOf(spec: StoreSpec, observed: Observed, found: Found): string[] {
  const { user, role, store } = found
  const { state, record, keys, ties } = observed
  const adopted = attachmentsOf(observed).filter(({ of, name }) => name !== POLICY_NAMES[of])
  const hasState = record !== undefined || state.bucket !== undefined || state.user !== undefined
  return [
    ...(store === undefined
      ? []
      : [
          `Goes: the data store "${store.name}" (${store.id}). Executions that are running or queued with it fail, and outputs that Valohai has recorded in it can no longer be opened from there.`,
        ]),
    ...(ties?.defaultOf ?? []).map(
      (project) => `Goes: the default store of ${fullName(project)}; none takes its place.`,
    ),
    ...(user === undefined
      ? []
      : [
          `Goes: the IAM user ${user}${keys.length === 0 ? '' : ` with ${keys.map(({ id }) => id).join(', ')}`}. URLs that its keys signed stop working.`,
        ]),
    ...(role === undefined ? [] : [`Goes: the role ${role}.`]),
    ...adopted.map(
      ({ of, name }) => `Goes: the inline policy ${name} of the ${of}, which was there when it was adopted.`,
    ),
    noteOfBucket(spec, observed, found),
    ...(hasState ? ['Stays: the Terraform state, empty, and its earlier versions.'] : []),
  ]
}

function noteOfBucket(
  { bucketName, manageBucket }: StoreSpec,
  { existing }: Observed,
  { bucket, deletesBucket }: Found,
): string {
  if (bucket !== undefined) return `Goes: the bucket ${bucket}, which is empty.`
  if (!manageBucket) return `Stays: the bucket ${bucketName}, which is managed elsewhere.`
  if (existing.bucket === undefined) return `Gone already: the bucket ${bucketName}.`
  return deletesBucket
    ? `Stays: the bucket ${bucketName}, in spite of \`delete-bucket\`: no run of this state made it.`
    : `Stays: the bucket ${bucketName} with everything in it, and its settings.`
}
