import { newStoreName } from '../../store/names'
import type { Reached, Scene } from './context'

/** Changes the store's name alone, which needs no secret, and reads it back. */
export async function renameStore({ world, progress, decision }: Scene, reached: Reached): Promise<Reached> {
  const { store } = reached
  if (store === undefined || world.valohai === undefined) return reached
  const { valohai } = world
  const renamed = await progress.step('Rename the store', () =>
    valohai.renameStore(store, newStoreName(decision.spec)),
  )
  progress.exists(`The data store "${renamed.name}" (${renamed.id}) in Valohai.`)
  return { ...reached, store: renamed }
}
