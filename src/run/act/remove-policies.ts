import type { Step } from '../../decide/steps'
import type { Reached, Scene } from './context'

/** Removes inline policies: one that Terraform's state lacks would keep IAM from deleting user or role. */
export async function removePolicies(
  { world, progress, ledger }: Scene,
  { policies }: Extract<Step, { kind: 'remove-policies' }>,
  reached: Reached,
): Promise<Reached> {
  await progress.step('Remove inline policies', async () => {
    await ledger.confirm()
    for (const { on, ...policy } of policies) {
      await world.aws.removePolicy(on, policy)
      world.reporter.info(`Removed the policy ${policy.name} of the ${policy.of} ${on}`)
    }
  })
  return reached
}
