import { userName } from '../../store/names'
import type { Step } from '../../decide/steps'
import type { Reached, Scene } from './context'

/** Removes keys that IAM made for a run that never had the answer: nobody knows their secrets. */
export async function removeLostKeys(
  { world, progress, observed, decision, ledger }: Scene,
  { ids }: Extract<Step, { kind: 'remove-lost-keys' }>,
  reached: Reached,
): Promise<Reached> {
  const user = observed.state.user?.name ?? userName(decision.spec)
  await progress.step('Remove access keys whose making was never answered', async () => {
    await ledger.confirm()
    for (const id of ids) {
      await world.aws.removeKey(user, id)
      world.reporter.info(`Removed ${id}`)
    }
  })
  return reached
}
