import { newStoreName, userName } from '../../store/names'
import type { RecordedKey, Store } from '../../decide/observed'
import type { Ledger } from '../ledger'
import type { Scene } from './context'

/**
 * After a failure: reads back what became of the key that this run made, and removes it where no store took
 * it. A key that a store may hold stays. Does not throw; what it cannot do, the next run does.
 */
export async function clearAfterFailure(
  scene: Omit<Scene, 'envelope' | 'plan' | 'directory'>,
): Promise<void> {
  const { decision, ledger, world, observed, progress } = scene
  const generation = decision.newGeneration
  const entry = generation === undefined ? undefined : ledger.entry(generation)
  if (generation === undefined || entry === undefined || entry.progress === 'taken') return
  const user = observed.state.user?.name ?? userName(decision.spec)
  try {
    const ids = await idsOf(scene, entry, user)
    if (entry.progress === 'offered') {
      const taken = await wasTaken(scene, ledger, generation)
      if (taken === undefined) {
        world.reporter.warning(
          `Valohai does not show whether the store took the access key ${entry.id ?? ''}, so it stays. Run again.`,
        )
        return
      }
      if (taken) return
    }
    for (const id of ids) {
      await world.aws.removeKey(user, id)
      progress.gone(id)
      progress.gone(`aws_iam_access_key.store["${generation}"]`)
      world.reporter.info(`Removed the access key ${id}: this run made it, and no store has it`)
    }
    await ledger.note(generation, { progress: 'refused' })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    world.reporter.warning(
      `The access key that this run made may still be there; the next run removes it. (${why})`,
    )
  }
}

/** The keys that IAM made for this run: the one that is known, or all that are new since it was asked. */
async function idsOf(
  { world, observed }: Pick<Scene, 'world' | 'observed'>,
  { id, since, progress }: RecordedKey,
  user: string,
): Promise<string[]> {
  if (id !== undefined) return [id]
  if (progress !== 'asked') return []
  const before = new Set(observed.keys.map((key) => key.id))
  const keys = await world.aws.listKeys(user)
  return keys
    .filter((key) => !before.has(key.id) && Number(key.created) + 1000 > Date.parse(since))
    .map((key) => key.id)
}

/** Whether the store has the key that it was offered; `undefined` where Valohai does not show it. */
async function wasTaken(
  { world, observed, decision }: Pick<Scene, 'world' | 'observed' | 'decision'>,
  ledger: Ledger,
  generation: string,
): Promise<boolean | undefined> {
  const entry = ledger.entry(generation)
  const store = await readBack({ world, observed, decision })
  // Nothing was created: nothing has it.
  if (store === 'missing') return false
  if (store === undefined) return undefined
  if (store.accessKeyId === undefined) return undefined
  if (store.accessKeyId !== entry?.id) return false
  await ledger.note(generation, { progress: 'taken', store: store.id })
  return true
}

async function readBack({
  world,
  observed,
  decision,
}: Pick<Scene, 'world' | 'observed' | 'decision'>): Promise<Store | 'missing' | undefined> {
  const { valohai } = world
  const before = observed.valohai
  if (valohai === undefined || before === undefined) return undefined
  if (before.store !== undefined) return valohai.readStore(before.store.id)
  const stores = await valohai.listStores(before.projects)
  const { bucketName } = decision.spec
  const storeName = newStoreName(decision.spec)
  const made = stores.filter(
    ({ id, bucket, name, deleted }) =>
      !deleted &&
      !before.others.some((other) => other.id === id) &&
      (bucket === bucketName || (bucket === undefined && name === storeName)),
  )
  return made.length === 0 ? 'missing' : made.length === 1 ? made[0] : undefined
}
