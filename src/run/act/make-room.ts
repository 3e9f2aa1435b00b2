import type { Step } from '../../decide/steps'
import type { Reached, Scene } from './context'

type MakeRoom = Extract<Step, { part: 'make-room' }>

/**
 * Removes keys whose time is over, where IAM has no room for another. Not by Terraform: even a plan of these keys
 * alone evaluates the outputs, which speak of the key that is yet to be made.
 */
export async function makeRoom(
  { world, progress, ledger }: Scene,
  { generations }: MakeRoom,
  reached: Reached,
): Promise<Reached> {
  const { user, keys } = reached.state
  await progress.step('Remove an access key that is no longer used', async () => {
    await ledger.confirm()
    for (const { id, generation } of keys) {
      if (!generations.includes(generation)) continue
      await world.aws.removeKey(user?.name ?? '', id)
      progress.gone(id)
      world.reporter.info(`Removed ${id}`)
    }
  })
  return { ...reached, planIsFresh: false }
}
