import type { Step } from '../../decide/steps'
import { fullName } from '../../decide/projects'
import { ValohaiError } from '../../valohai'
import type { Reached, Scene } from './context'

/** Leaves a project without a default store. A refusal is told and passed over: the store goes all the same. */
export async function clearDefault(
  { world, progress, ledger }: Scene,
  { project }: Extract<Step, { kind: 'clear-default' }>,
  reached: Reached,
): Promise<Reached> {
  const { store } = reached
  if (store === undefined || world.valohai === undefined) return reached
  const { valohai } = world
  await progress.step("Clear the project's default store", async () => {
    await ledger.confirm()
    try {
      const result = await valohai.clearDefault(project, store)
      world.reporter.info(
        `${fullName(project)}: ${result === 'cleared' ? 'cleared, and read back' : 'it is another one by now'}`,
      )
    } catch (error) {
      if (!(error instanceof ValohaiError)) throw error
      world.reporter.warning(error.message)
    }
  })
  return reached
}
