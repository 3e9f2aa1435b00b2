import type { StoreSpec, Wish } from '../store/spec'
import { chooseKeys, type KeyChoice } from './choose-keys'
import { keyring, type Keyring } from './keys'
import { earlierKmsKeys } from './kms'
import type { Observed, ObservedValohai } from './observed'
import { isDefault } from './projects'
import { refuseOthersStores, refuseRenames } from './refusals'
import { PLAIN_FIELDS, plannedDifferences, type StoreField } from './store'
import type { Decision, Step, StoreChange } from './steps'

/** What was asked for, as far as a decision looks at it. */
export interface Asked {
  readonly wish: Wish
  readonly store: StoreSpec
}

/**
 * Decides all that a run does, in order: new before old, so that nothing that Valohai works with is ever
 * broken. Pure; `apply` acts on it, `plan` tells it.
 *
 * @throws where what is asked for cannot be had without breaking something, saying what to do
 */
export function decide({ wish, store: spec }: Asked, observed: Observed): Decision {
  refuseRenames(spec, observed.state)
  refuseOthersStores(spec, observed)
  const ring = keyring(observed, spec.keyGraceDays)
  const fields = fieldsToChange(spec, observed)
  const choice = chooseKeys({ wish, spec, observed, ring, reasons: reasonsForKey(observed, ring, fields) })
  const change = storeChange(observed, fields, choice)
  const possible = specFor(spec, observed, ring, change)
  return {
    steps: stepsOf(possible, observed, ring, choice, change),
    spec: possible,
    generations: choice.generations,
    newGeneration: choice.newGeneration,
    keyring: ring,
    store: change,
    waits: choice.waits,
    warnings: choice.warnings,
    notes: choice.notes,
  }
}

function fieldsToChange(spec: StoreSpec, { valohai, state }: Observed): readonly StoreField[] {
  return valohai?.store === undefined ? [] : plannedDifferences(valohai.store, spec, state)
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
  return { ...spec, ...kms, multipart: spec.multipart || mustKeepRole(observed, change) }
}

/** Whether the store goes on naming the role: it cannot be rewritten by this run. */
function mustKeepRole({ valohai, state }: Observed, change: StoreChange | undefined): boolean {
  const store = valohai?.store
  if (state.role === undefined || store === undefined || change?.newKey === true) return false
  return store.multipartRoleArn !== ''
}

function stepsOf(
  spec: StoreSpec,
  { valohai, state }: Observed,
  ring: Keyring,
  choice: KeyChoice,
  change: StoreChange | undefined,
): Step[] {
  const { newGeneration, first, generations } = choice
  const lost = ring.keys.filter(({ fate, generation }) => fate === 'unused' && generation === undefined)
  // Gone only once the store was given the new key, and without the role.
  const goesLater =
    newGeneration !== undefined &&
    ((ring.current?.generation !== undefined && !generations.includes(ring.current.generation)) ||
      (!spec.multipart && state.role !== undefined))
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
    ...(spec.setDefault ? defaultsToSet(valohai, change) : []),
    ...(goesLater ? [{ kind: 'terraform', part: 'all' } as const] : []),
  ]
}

function defaultsToSet(valohai: ObservedValohai | undefined, change: StoreChange | undefined): Step[] {
  if (valohai === undefined || change === undefined) return []
  const { store, projects } = valohai
  if (store === undefined && change.action !== 'created') return []
  return projects
    .filter((project) => store === undefined || !isDefault(project, store))
    .map((project) => ({ kind: 'set-default', project }))
}
