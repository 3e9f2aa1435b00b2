import type { Step } from '../../decide/steps'
import type { Reached, Scene } from './context'

/** Releases the lock that Terraform left on the state when its run was killed (`terraform force-unlock`). */
export async function unlock(
  { world, progress, directory }: Scene,
  { lock }: Extract<Step, { kind: 'unlock' }>,
  reached: Reached,
): Promise<Reached> {
  await progress.step('Release the lock of a run that was killed', async () => {
    await directory.terraform.forceUnlock(lock.id)
    world.reporter.info(`Released Terraform's lock ${lock.id} of ${lock.who}, whose run is gone`)
  })
  return reached
}
