import type { StoreOutputs } from '../store/outputs'
import type { StoreSpec } from '../store/spec'
import { defaultsToSet } from './decide'
import type { Key } from './keys'
import type { IamKey, Observed, ObservedValohai, Preflight, StackState } from './observed'
import { warningsOfPreflight } from './preflight'
import { fullName } from './projects'
import { DAY, retirement } from './retirement'
import { PLAIN_FIELDS, plannedDifferences } from './store'
import type { Decision, StoreChange } from './steps'
import { refuseOthersStores } from './whose-key'
import { day } from './words'

/** What is seen besides the outputs of Terraform that somebody else applied. */
export interface Seen {
  readonly now: Date
  readonly valohai: ObservedValohai
  readonly preflight: Preflight | undefined
}

/** What the outputs say, in the form in which a state says it. */
export function stateOf({ bucket, user, role, origin, keys }: StoreOutputs): StackState {
  return {
    bucket,
    user,
    role,
    bucketName: bucket.name,
    origin,
    keys: keys.map((key) => ({
      ...key,
      sealedSecret: undefined,
      sealedFor: undefined,
      isImported: false,
      mayBeAnywhere: false,
    })),
    settings: [],
    tags: {},
    lifecycleRuleIds: [],
    kms: { whole: [], decrypt: [] },
    plainSecrets: [],
  }
}

/** What is seen in the form in which a run sees it, which has AWS itself to look at. */
export function observedOf(outputs: StoreOutputs, seen: Seen): Observed {
  return {
    ...seen,
    state: stateOf(outputs),
    keys: outputs.keys.map((key) => iamKey(key, seen.now)),
    existing: {},
    otherStates: new Map(),
    keyOwner: undefined,
    terraformLock: undefined,
    record: undefined,
    ties: undefined,
  }
}

const iamKey = ({ id, created }: StoreOutputs['keys'][number], now: Date): IamKey => ({
  id,
  created: created ?? now,
  isActive: true,
  lastUsed: undefined,
})

/**
 * Decides how the store comes by the newest key of Terraform that somebody else applied (guide, step 6). A store
 * that shows that key, and is as the outputs say, is left as it is; where Valohai hides the key it is written again.
 *
 * @throws where the store works with a key that the outputs do not know, or another project's store with one of theirs
 */
export function decideConnection(spec: StoreSpec, outputs: StoreOutputs, seen: Seen): Decision {
  const observed = observedOf(outputs, seen)
  const { store } = seen.valohai
  refuseOthersStores(spec, observed, 'of these outputs')
  refuseUnknownKey(spec, outputs, seen.valohai)
  const newest = outputs.keys.at(-1)
  const fields = store === undefined ? [] : plannedDifferences(store, spec, observed)
  const isOther = store?.accessKeyId !== newest?.id
  const handsOver = isOther || fields.some((field) => !PLAIN_FIELDS.includes(field))
  const action = store === undefined ? 'created' : handsOver || fields.length > 0 ? 'updated' : 'unchanged'
  const change: StoreChange = { action, fields, newKey: isOther }
  const generation = handsOver ? newest?.generation : undefined
  const keys = outputs.keys.map((key) => keyOf(key, spec, observed, isOther))
  return {
    steps: [
      ...(generation === undefined ? [] : [{ kind: 'hand-over', generation } as const]),
      ...(!handsOver && fields.length > 0 ? [{ kind: 'change-store', fields } as const] : []),
      ...(spec.setDefault ? defaultsToSet(seen.valohai, change) : []),
    ],
    spec,
    generations: outputs.keys.map((key) => key.generation),
    going: [],
    newGeneration: generation,
    keyring: {
      keys,
      current: isOther ? undefined : keys.at(-1),
      stranger: undefined,
      isBroken: false,
    },
    staleLock: undefined,
    imports: [],
    store: change,
    waits: [],
    warnings: warningsOfCors(spec, outputs, seen.preflight),
    notes: keys.length === 1 ? [] : [noteOfKeys(keys)],
  }
}

/**
 * What a person has to know of the keys once the store has the newest: which it is, and when the older ones may go.
 */
export function wordsOfKeys({ keyring: { keys } }: Decision): string[] {
  const newest = keys.at(-1)
  return [
    `The store holds the access key ${newest?.id ?? ''}, generation ${newest?.generation ?? ''}.`,
    ...keys.slice(0, -1).map(({ id, generation = '', until }) => {
      const when = until === undefined ? 'may go now' : `may go from ${day(until)} on`
      return `The access key ${id}, generation ${generation}, ${when}: take "${generation}" out of access_key_generations and apply.`
    }),
  ]
}

function noteOfKeys(keys: readonly Key[]): string {
  const { id, generation } = keys.at(-1) ?? {}
  return `The outputs have ${keys.length} access keys: the newest generation, ${generation ?? ''} (${id ?? ''}), is the store's.`
}

/** @param isReplaced whether this run gives the store its successor */
function keyOf(
  { id, generation, created }: StoreOutputs['keys'][number],
  { keyGraceDays }: StoreSpec,
  observed: Observed,
  isReplaced: boolean,
): Key {
  const key = iamKey({ id, generation, created }, observed.now)
  const base = { ...key, generation, isInState: true, isAdopted: false }
  const newest = observed.state.keys.at(-1)?.id ?? ''
  if (id === newest) return { ...base, fate: 'current' }
  // Without the time at which the store was last written it may be today that it got the successor.
  const isSince = !isReplaced && observed.valohai?.store?.mtime !== undefined
  if (isSince || keyGraceDays === 0)
    return { ...base, ...retirement(key, false, observed, newest, keyGraceDays) }
  return { ...base, fate: 'retiring', until: new Date(Number(observed.now) + keyGraceDays * DAY) }
}

/** Only who applied the Terraform has its keys: a store that shows another one is somebody's. */
function refuseUnknownKey(
  { adopt }: StoreSpec,
  { keys }: StoreOutputs,
  { store, projects: [project] }: ObservedValohai,
): void {
  const shown = store?.accessKeyId
  if (adopt || store === undefined || shown === undefined || keys.some(({ id }) => id === shown)) return
  throw new Error(
    [
      `The store "${store.name}" (${store.id}) of ${fullName(project)} holds the access key ${shown}, which is not among the outputs' (${keys.map(({ id }) => id).join(', ')}), so nothing is changed: executions may be working with it.`,
      'To give the store the key of the outputs, set `adopt: true`: the old key is left as it is.',
    ].join('\n'),
  )
}

/** What the bucket does not let browsers do, where it is another installation's by a variable of the Terraform. */
function warningsOfCors(
  spec: StoreSpec,
  { origin, bucket }: StoreOutputs,
  preflight: Preflight | undefined,
): string[] {
  const isOthers = origin !== undefined && origin !== spec.valohaiOrigin && preflight?.uploads !== true
  if (!isOthers) return warningsOfPreflight(spec, preflight)
  return [
    `The bucket ${bucket.name} lets the web app at ${origin} upload, and not that at ${spec.valohaiOrigin} (CORS). Set the variable \`valohai_origin\` to "${spec.valohaiOrigin}" where the Terraform is, and apply; or correct \`valohai-url\`.`,
    ...warningsOfPreflight(spec, preflight && { ...preflight, uploads: true }),
  ]
}
