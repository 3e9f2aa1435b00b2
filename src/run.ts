import { decideKeys } from './aws/key-generations'
import type { Configuration } from './config'
import { awsOutcome, type Outcome, type ValohaiOutcome } from './outcome'
import { Progress } from './progress'
import type { Run } from './steps/run'
import { applyPlan, planInfrastructure, prepareTerraform, readState } from './steps/terraform'
import { linkStore, lookAtValohai, makeDefault, secretOf, valohaiOutcome, type Link } from './steps/valohai'
import { keySituation, planStore } from './store-plan'
import type { StackOutputs } from './terraform/outputs'
import type { Plan } from './terraform/plan'
import type { TerraformDirectory, World } from './world'

/**
 * Links the bucket to the project (`apply`), or tells what that would change (`plan`).
 *
 * Any step can be the last one that happened: a run reads what is there and goes on from it, so running it
 * again ends in the same state, with one store, one bucket and one active key.
 *
 * @throws RunFailed naming the step, the cause and what exists by then
 */
export async function run(configuration: Configuration, world: World): Promise<Outcome> {
  const progress = new Progress(world.reporter, world.signal)
  const run: Run = { configuration, world, progress }

  const link = await progress.step('Look at Valohai', () => lookAtValohai(run))
  const { directory, lock } = await progress.step('Prepare Terraform', () => prepareTerraform(run))
  try {
    // Another run may have made the store between the first look and the lock, waited for or not.
    const found = lock ? await progress.step('Look at Valohai again', () => lookAtValohai(run)) : link
    return await changeEverything(run, directory, found)
  } finally {
    await lock?.release()
  }
}

/** From the state as it is to everything as it has to be; of a plan, what that would change. */
async function changeEverything(
  run: Run,
  directory: TerraformDirectory,
  link: Link | undefined,
): Promise<Outcome> {
  const { configuration, world, progress } = run
  const before = await readState(run, directory)
  const storePlan = link && planStore(configuration, link.store, before)
  let keys = decideKeys(keySituation(storePlan, link?.store, before))
  const envelope = await world.aws.createEnvelope()
  const plan = (step: string, generations: readonly string[]): Promise<Plan> =>
    planInfrastructure(run, directory, step, { generations, pgpKey: envelope.publicKey })

  if (configuration.command === 'plan') {
    // The last stage has all that is to come; the one before it, if any, only makes room for a key.
    const planned = await plan('Plan', keys.stages.at(-1) ?? [keys.final])
    const diff = planned.hasChanges
      ? await progress.step('Read the plan', () => directory.terraform.show())
      : undefined
    const valohai = link && storePlan && valohaiOutcome(configuration, link, link.store, storePlan)
    return outcomeOf(run, directory, [planned], before, valohai, diff)
  }

  const plans: Plan[] = []
  const change = async (step: string, generations: readonly string[]): Promise<void> => {
    const planned = await plan(step, generations)
    if (planned.hasChanges) await applyPlan(run, directory)
    plans.push(planned)
  }
  for (const generations of keys.stages) await change('Plan', generations)
  let after = plans.some(({ hasChanges }) => hasChanges) ? await readState(run, directory) : before
  if (link === undefined) return outcomeOf(run, directory, plans, after)

  let needed = planStore(configuration, link.store, after)
  if (needed.needsSecret && (await secretOf(after, envelope)) === undefined) {
    // An apply that was killed left a key in the state and no outputs to tell of it: its secret is lost.
    keys = decideKeys(keySituation(needed, link.store, after))
    for (const generations of keys.stages) await change('Plan the next access key', generations)
    after = await readState(run, directory)
    needed = planStore(configuration, link.store, after)
  }
  const store = await linkStore(run, link, needed, after, envelope)
  progress.exists(`The data store "${store.name}" (${store.id}) in Valohai.`)
  if (configuration.setDefault) await makeDefault(run, link, store)
  if (after.accessKeys.length > 1) await change('Remove the replaced access key', [keys.final])

  return outcomeOf(run, directory, plans, after, valohaiOutcome(configuration, link, store, needed))
}

function outcomeOf(
  { configuration }: Run,
  { path }: TerraformDirectory,
  plans: readonly Plan[],
  state: StackOutputs,
  valohai?: ValohaiOutcome,
  diff?: string,
): Outcome {
  return {
    command: configuration.command,
    changes:
      plans.some(({ hasChanges }) => hasChanges) ||
      (valohai !== undefined && (valohai.action !== 'unchanged' || valohai.defaultStore.changes)),
    aws: awsOutcome(plans, state, { directory: path, diff }),
    valohai,
  }
}
