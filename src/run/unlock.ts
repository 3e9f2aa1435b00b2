import type { TerraformLock } from '../decide/observed'
import type { Run } from './act/context'
import type { TerraformDirectory } from './world'

/** Releases the lock that Terraform left on the state when its run was killed (`terraform force-unlock`). */
export async function releaseStaleLock(
  { world, progress }: Run,
  { terraform }: TerraformDirectory,
  { id, who }: TerraformLock,
): Promise<void> {
  await progress.step('Release the lock of a run that was killed', async () => {
    await terraform.forceUnlock(id)
    world.reporter.info(`Released Terraform's lock ${id} of ${who}, whose run is gone`)
  })
}
