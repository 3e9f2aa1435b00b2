import { keyAddress } from '../store/names'
import type { StoreSpec, Wish } from '../store/spec'
import { chooseKeys, type KeyChoice } from './choose-keys'
import { decideDestroy } from './destroy'
import { importsOf, refuseOfOthers, type Import } from './existing'
import { staleLock } from './stale-lock'
import { keyring, type Fate, type Key, type Keyring } from './keys'
import { earlierKmsKeys } from './kms'
import type { Observed, ObservedValohai } from './observed'
import { withOthers } from './others'
import { warningsOfPreflight } from './preflight'
import { isDefault } from './projects'
import { refuseRenames } from './refusals'
import { refuseOthersKeys, refuseOthersRole, refuseOthersStores } from './whose-key'
import { PLAIN_FIELDS, plannedDifferences, type StoreField } from './store'
import type { Decision, Step, StoreChange } from './steps'

/** What was asked for, as far as a decision looks at it. */
export interface Asked {
  readonly wish: Wish
  readonly store: StoreSpec
  /** Of `destroy`: whether the bucket goes too. @default false */
  readonly deletesBucket?: boolean
}

/**
 * Decides all that a run does, in order: new before old, so that nothing that Valohai works with is ever
 * broken. Pure; `apply` acts on it, `plan` tells it.
 *
 * @throws where what is asked for cannot be had without breaking something, saying what to do
 */
export function decide(asked: Asked, observed: Observed): Decision {
  const { wish, store: spec } = asked
  if (wish === 'destroy') return { ...decideDestroy(asked, observed), staleLock: staleLock(observed) }
  refuseRenames(spec, observed.state)
  refuseOthersStores(spec, observed)
  refuseOthersKeys(spec, observed)
  refuseOthersRole(spec, observed)
  const merged = withOthers(spec, observed)
  refuseOfOthers(spec, observed, merged)
  const ring = keyring(withAdoptedKey(spec, observed), spec.keyGraceDays)
  const fields = fieldsToChange(spec, observed)
  const choice = chooseKeys({ wish, spec, observed, ring, reasons: reasonsForKey(observed, ring, fields) })
  const change = storeChange(observed, fields, choice)
  const possible = specFor(
    { ...spec, others: merged.others, abortMultipartDays: merged.abortMultipartDays },
    observed,
    ring,
    change,
  )
  return {
    steps: stepsOf(possible, observed, ring, choice, change),
    spec: possible,
    generations: choice.generations,
    going: observed.state.keys
      .map(({ generation }) => generation)
      .filter((generation) => !choice.generations.includes(generation)),
    newGeneration: choice.newGeneration,
    keyring: ring,
    staleLock: staleLock(observed),
    imports: [...importsOf(possible, observed), ...keysToImport(ring, choice)],
    store: change,
    waits: choice.waits,
    warnings: [...choice.warnings, ...warningsOfPreflight(spec, observed.preflight)],
    notes: choice.notes,
  }
}

/** Where Valohai hides which key the store holds, the one key of a user that is taken over is that one. */
function withAdoptedKey(spec: StoreSpec, observed: Observed): Observed {
  const { valohai, state, keys, existing } = observed
  const [only, ...more] = keys
  const isHidden = valohai?.store !== undefined && valohai.store.accessKeyId === undefined
  const isTakenOver = spec.adopt && state.user === undefined && existing.user !== undefined
  if (!isHidden || !isTakenOver || only === undefined || more.length > 0) return observed
  return { ...observed, valohai: { ...valohai, store: { ...valohai.store, accessKeyId: only.id } } }
}

/** Keys that a state which was lost, or saved too late, knows nothing of. */
function keysToImport({ keys }: Keyring, { generations }: KeyChoice): Import[] {
  return keys
    .filter(({ isInState, generation }) => !isInState && generations.includes(generation ?? ''))
    .map(({ generation, id }) => ({ to: keyAddress(generation ?? ''), id }))
}

function fieldsToChange(spec: StoreSpec, observed: Observed): readonly StoreField[] {
  const store = observed.valohai?.store
  return store === undefined ? [] : plannedDifferences(store, spec, observed)
}

/** Why the store needs a key that it does not have yet, each a clause; empty where it needs none. */
function reasonsForKey({ valohai }: Observed, ring: Keyring, fields: readonly StoreField[]): string[] {
  if (valohai === undefined) return []
  if (valohai.store === undefined) return ['the store is created']
  const settings = fields.filter((field) => !PLAIN_FIELDS.includes(field))
  return [
    ...(settings.length > 0 ? [`${settings.join(', ')} of the store is set`] : []),
    ...(ring.stranger !== undefined ? [`the store gets a key of its own in place of ${ring.stranger}`] : []),
    ...(ring.isBroken ? ['the store gets a key that works'] : []),
  ]
}

function storeChange(
  { valohai }: Observed,
  fields: readonly StoreField[],
  { newGeneration }: KeyChoice,
): StoreChange | undefined {
  if (valohai === undefined) return undefined
  const newKey = newGeneration !== undefined
  if (valohai.store === undefined) return { action: newKey ? 'created' : 'unchanged', fields: [], newKey }
  const changed = newKey ? fields : fields.filter((field) => PLAIN_FIELDS.includes(field))
  return { action: newKey || changed.length > 0 ? 'updated' : 'unchanged', fields: changed, newKey }
}

/** The store as it can be by now: what it worked with so far stays as long as it may be needed. */
function specFor(
  spec: StoreSpec,
  observed: Observed,
  ring: Keyring,
  change: StoreChange | undefined,
): StoreSpec {
  const kms = earlierKmsKeys(spec, observed, ring, change?.newKey === true)
  return {
    ...spec,
    ...kms,
    multipart: spec.multipart || mustKeepRole(observed, ring, change),
  }
}

/**
 * Whether a store may go on naming the role: ours cannot be rewritten by this run, or there may be one that is
 * not seen, and still works with a key of its time.
 */
function mustKeepRole(
  { valohai, state, record }: Observed,
  { keys }: Keyring,
  change: StoreChange | undefined,
): boolean {
  if (state.role === undefined) return false
  if (valohai === undefined) return true
  const { store, deleted } = valohai
  const ours = store !== undefined && change?.newKey !== true && store.multipartRoleArn !== ''
  const storeOf = (id: string): string | undefined => record?.keys.find((key) => key.id === id)?.store
  const isElsewhere = (id: string): boolean => {
    const recorded = storeOf(id) ?? store?.id
    return recorded === undefined || (recorded !== store?.id && !deleted.has(recorded))
  }
  return ours || keys.some(({ id, fate }) => (fate === 'retiring' || fate === 'unclear') && isElsewhere(id))
}

function stepsOf(
  spec: StoreSpec,
  { valohai, state }: Observed,
  ring: Keyring,
  choice: KeyChoice,
  change: StoreChange | undefined,
): Step[] {
  const { newGeneration, first, generations } = choice
  const goes: readonly Fate[] = valohai === undefined ? ['unused'] : ['unused', 'due']
  const lost = ring.keys.filter(({ fate, isInState }) => !isInState && goes.includes(fate))
  // Gone only once the store was given the new key, and without the role.
  const isReplaced = ({ fate, generation }: Key): boolean =>
    (fate === 'current' || fate === 'unclear') &&
    generation !== undefined &&
    !generations.includes(generation)
  const goesLater =
    newGeneration !== undefined &&
    (ring.keys.some(isReplaced) || (!spec.multipart && state.role !== undefined))
  return [
    ...(lost.length > 0 ? [{ kind: 'remove-lost-keys', ids: lost.map(({ id }) => id) } as const] : []),
    ...(first.length > 0 ? [{ kind: 'terraform', part: 'make-room', generations: first } as const] : []),
    { kind: 'terraform', part: goesLater ? 'make' : 'all' },
    ...(newGeneration !== undefined && valohai !== undefined
      ? [{ kind: 'hand-over', generation: newGeneration } as const]
      : []),
    ...(change?.action === 'updated' && !change.newKey
      ? [{ kind: 'change-store', fields: change.fields } as const]
      : []),
    // Before what may be refused: a key that leaked must not outlive that.
    ...(goesLater ? [{ kind: 'terraform', part: 'all' } as const] : []),
    ...(spec.setDefault ? defaultsToSet(valohai, change) : []),
  ]
}

/** A step for each project whose default the store is not yet. */
export function defaultsToSet(valohai: ObservedValohai | undefined, change: StoreChange | undefined): Step[] {
  if (valohai === undefined || change === undefined) return []
  const { store, projects } = valohai
  if (store === undefined && change.action !== 'created') return []
  return projects
    .filter((project) => store === undefined || !isDefault(project, store))
    .map((project) => ({ kind: 'set-default', project }))
}
