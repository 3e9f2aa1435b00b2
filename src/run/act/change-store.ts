import { newStoreName } from '../../store/names'
import type { Step } from '../../decide/steps'
import type { Reached, ValohaiScene } from './context'

/** Changes the store's name, or who may use it, which needs no secret, and reads it back. */
export async function changeStore(
  { world, progress, decision, observed, ledger }: ValohaiScene,
  { fields }: Extract<Step, { kind: 'change-store' }>,
  reached: Reached,
): Promise<Reached> {
  const { store } = reached
  if (store === undefined || world.valohai === undefined || observed.valohai === undefined) return reached
  const { valohai } = world
  const [{ owner }] = observed.valohai.projects
  const changed = await progress.step('Change the store', async () => {
    await ledger.confirm()
    return valohai.changeStore(store, {
      ...(fields.includes('name') ? { name: newStoreName(decision.spec) } : {}),
      ...(fields.includes('access_mode') ? { sharedBy: owner.id } : {}),
    })
  })
  progress.exists(`The data store "${changed.name}" (${changed.id}) in Valohai.`)
  return { ...reached, store: changed }
}
