import type { Step } from '../../decide/steps'
import type { Reached, Scene } from './context'

/** Deletes the store in Valohai, and reads back that it is gone: from then on nothing works with its key. */
export async function deleteStore(
  { world, progress, ledger }: Scene,
  { store }: Extract<Step, { kind: 'delete-store' }>,
  reached: Reached,
): Promise<Reached> {
  const { valohai } = world
  if (valohai === undefined) return reached
  await progress.step('Delete the store', async () => {
    await ledger.noteDeletion(store.id)
    await valohai.deleteStore(store)
    world.reporter.info(`Deleted the store "${store.name}" (${store.id})`)
  })
  progress.exists(`No data store "${store.name}" (${store.id}) in Valohai any more: this run deleted it.`)
  return { ...reached, store: undefined }
}
