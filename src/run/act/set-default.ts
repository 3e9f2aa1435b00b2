import type { Step } from '../../decide/steps'
import type { Reached, ValohaiScene } from './context'

/** Makes the store the project's default, and reads it back (guide, step 6). */
export async function setDefault(
  { world, progress, ledger }: ValohaiScene,
  { project }: Extract<Step, { kind: 'set-default' }>,
  reached: Reached,
): Promise<Reached> {
  const { store } = reached
  if (store === undefined || world.valohai === undefined) return reached
  const { valohai } = world
  await progress.step("Make it the project's default store", async () => {
    await ledger.confirm()
    const result = await valohai.makeDefault(project, store)
    world.reporter.info(result === 'set' ? 'Set, and read back' : 'It already is')
  })
  return reached
}
