import type { ObservedValohai, RecordedKey, Store } from '../../decide/observed'
import { isNewSince } from '../../decide/record'
import { isShown, PLAIN_FIELDS, plannedDifferences } from '../../decide/store'
import type { Decision } from '../../decide/steps'
import { keyAddress, newStoreName, userName } from '../../store/names'
import type { StoreSpec } from '../../store/spec'
import { ValohaiError } from '../../valohai'
import type { Reached, Scene } from './context'

/**
 * After a failure: reads back what became of the key that this run made, and removes it where no store took
 * it. A key that a store may hold stays. Does not throw; what it cannot do, the next run does.
 *
 * @param reached what the steps before the one that failed came to
 * @param cause why the run failed: Valohai's own refusal tells that the key was not taken
 */
export async function clearAfterFailure(scene: Scene, reached: Reached, cause: unknown): Promise<void> {
  const { decision, ledger, world, observed, progress } = scene
  const generation = decision.newGeneration
  const entry = generation === undefined ? undefined : ledger.entry(generation)
  if (generation === undefined || entry === undefined) return
  const user = observed.state.user?.name ?? userName(decision.spec)
  try {
    // The note itself may be what failed.
    if (entry.progress === 'taken') {
      await ledger.note(generation, { progress: 'taken' })
      return
    }
    if (entry.progress === 'offered' && (await wasTaken(scene, entry, reached, cause))) return
    const ids = await idsOf(scene, entry, user)
    await ledger.note(generation, { progress: 'refused' })
    for (const id of ids) {
      await world.aws.removeKey(user, id)
      progress.gone(id)
      progress.gone(keyAddress(generation))
      world.reporter.info(`Removed the access key ${id}: this run made it, and no store has it`)
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    world.reporter.warning(
      `What became of the access key that this run made could not be found out; the next run looks again. (${why})`,
    )
  }
}

/** The keys that IAM made for this run: the one that is known, or all that are new since it was asked. */
async function idsOf({ world }: Pick<Scene, 'world'>, entry: RecordedKey, user: string): Promise<string[]> {
  if (entry.id !== undefined) return [entry.id]
  if (entry.progress !== 'asked') return []
  const keys = await world.aws.listKeys(user)
  return keys.filter((key) => isNewSince(key, entry)).map(({ id }) => id)
}

/** Whether the store may have the key that it was offered. What is found is noted. */
async function wasTaken(
  { world, observed, decision, ledger }: Scene,
  { generation, id }: RecordedKey,
  reached: Reached,
  cause: unknown,
): Promise<boolean> {
  const { valohai } = world
  const before = observed.valohai
  if (valohai === undefined || before === undefined) return false
  const store =
    before.store === undefined
      ? newStore(await valohai.listStores(before.projects), before, decision.spec)
      : await valohai.readStore(before.store.id)
  // Nothing was created, so nothing has it.
  if (store === undefined && before.store === undefined) return false
  const taken = store === undefined ? undefined : hasTaken(store, id, decision, reached, cause)
  if (taken === false) return false
  // Whatever people do to it, the store is found again by this.
  const progress = taken === true ? 'taken' : 'offered'
  await ledger.note(generation, { progress, ...(store && { store: store.id }) })
  if (taken === undefined) {
    world.reporter.warning(
      `Valohai does not show whether the store took the access key ${id ?? ''}, so it stays. Run again.`,
    )
  }
  return true
}

/** `undefined`: Valohai does not show it. */
function hasTaken(
  store: Store,
  id: string | undefined,
  { spec, store: change }: Decision,
  { state }: Reached,
  cause: unknown,
): boolean | undefined {
  if (store.accessKeyId !== undefined) return store.accessKeyId === id
  if (cause instanceof ValohaiError && cause.isRefusal) return false
  // The configuration is written as a whole: its other fields tell.
  const fields =
    change?.fields.filter((field) => !PLAIN_FIELDS.includes(field) && isShown(store, field)) ?? []
  if (fields.length === 0) return undefined
  const missing = plannedDifferences(store, spec, { state, existing: {} })
  return !fields.some((field) => missing.includes(field))
}

/** The store that this run created, if any; there was none before. */
function newStore(stores: readonly Store[], { others }: ObservedValohai, spec: StoreSpec): Store | undefined {
  return stores.find(
    ({ id, bucket, name, deleted }) =>
      !deleted &&
      !others.some((other) => other.id === id) &&
      (bucket === spec.bucketName || (bucket === undefined && name === newStoreName(spec))),
  )
}
