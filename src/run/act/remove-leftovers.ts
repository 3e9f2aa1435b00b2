import type { Step } from '../../decide/steps'
import type { Reached, Scene } from './context'

/** Removes what a run made that was killed before Terraform saved its state. */
export async function removeLeftovers(
  { world, progress, ledger }: Scene,
  { leftovers }: Extract<Step, { kind: 'remove-leftovers' }>,
  reached: Reached,
): Promise<Reached> {
  await progress.step('Remove what the state lacks', async () => {
    await ledger.confirm()
    for (const leftover of leftovers) {
      await world.aws.remove(leftover)
      world.reporter.info(`Removed the ${leftover.kind} ${leftover.name}`)
    }
  })
  return reached
}
