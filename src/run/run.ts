import { decideKeys, type KeyDecision } from '../decide/keys'
import type { Request } from '../config'
import { awsOutcome, type Outcome, type ValohaiOutcome } from '../decide/outcome'
import { Progress } from '../reporting/progress'
import type { Run } from './act/run'
import { applyPlan, planInfrastructure, prepareTerraform, readState } from './act/terraform'
import { linkStore, lookAtValohai, makeDefault, secretOf, valohaiOutcome, type Link } from './act/valohai'
import { keySituation, planStore, type StorePlan } from '../decide/store'
import type { StackOutputs } from '../store/outputs'
import type { Plan } from '../terraform/plan'
import type { Envelope, TerraformDirectory, World } from './world'

/**
 * Links the bucket to the project (`apply`), or tells what that would change (`plan`).
 *
 * Any step can be the last one that happened: a run reads what is there and goes on from it, so running it
 * again ends in the same state, with one store, one bucket and one active key.
 *
 * @throws RunFailed naming the step, the cause and what exists by then
 */
export async function run(request: Request, world: World): Promise<Outcome> {
  const progress = new Progress(world.reporter, world.signal)
  const run: Run = { request, world, progress }

  const link = await progress.step('Look at Valohai', () => lookAtValohai(run))
  const { directory, lock } = await progress.step('Prepare Terraform', () => prepareTerraform(run))
  try {
    // Another run may have made the store between the first look and the lock, waited for or not.
    const found = lock ? await progress.step('Look at Valohai again', () => lookAtValohai(run)) : link
    return request.command === 'plan'
      ? await tellChanges(run, directory, found)
      : await makeChanges(run, directory, found)
  } finally {
    await lock?.release()
  }
}

/** What is decided before anything is planned. */
interface Decision {
  readonly before: StackOutputs
  /** `undefined` where Valohai is not asked. */
  readonly storePlan: StorePlan | undefined
  readonly keys: KeyDecision
  readonly envelope: Envelope
}

/** Reads the state, and decides what becomes of the store and of the access keys. */
async function decide(run: Run, directory: TerraformDirectory, link: Link | undefined): Promise<Decision> {
  const before = await readState(run, directory)
  const storePlan = link && planStore(run.request, link.store, before)
  const keys = decideKeys(keySituation(storePlan, link?.store, before))
  return { before, storePlan, keys, envelope: await run.world.aws.createEnvelope() }
}

/** `plan`: what an apply would change. */
async function tellChanges(
  run: Run,
  directory: TerraformDirectory,
  link: Link | undefined,
): Promise<Outcome> {
  const { before, storePlan, keys, envelope } = await decide(run, directory, link)
  // The last stage has all that is to come; the one before it, if any, only makes room for a key.
  const generations = keys.stages.at(-1) ?? [keys.final]
  const plan = await planInfrastructure(run, directory, 'Plan', { generations, pgpKey: envelope.publicKey })
  const diff = plan.hasChanges
    ? await run.progress.step('Read the plan', () => directory.terraform.show())
    : undefined
  const valohai = link && storePlan && valohaiOutcome(run.request, link, link.store, storePlan)
  return outcomeOf(run, directory, [plan], before, valohai, diff)
}

/** `apply`: from the state as it is to everything as it has to be. */
async function makeChanges(
  run: Run,
  directory: TerraformDirectory,
  link: Link | undefined,
): Promise<Outcome> {
  const { request, progress } = run
  const decision = await decide(run, directory, link)
  const { envelope } = decision
  let { keys, before: state } = decision

  const plans: Plan[] = []
  const change = async (step: string, generations: readonly string[]): Promise<void> => {
    const pgpKey = envelope.publicKey
    const plan = await planInfrastructure(run, directory, step, { generations, pgpKey })
    if (plan.hasChanges) await applyPlan(run, directory)
    plans.push(plan)
  }
  for (const generations of keys.stages) await change('Plan', generations)
  if (plans.some(({ hasChanges }) => hasChanges)) state = await readState(run, directory)
  if (link === undefined) return outcomeOf(run, directory, plans, state)

  let needed = planStore(request, link.store, state)
  if (needed.needsSecret && (await secretOf(state, envelope)) === undefined) {
    // An apply that was killed left a key in the state and no outputs to tell of it: its secret is lost.
    keys = decideKeys(keySituation(needed, link.store, state))
    for (const generations of keys.stages) await change('Plan the next access key', generations)
    state = await readState(run, directory)
    needed = planStore(request, link.store, state)
  }
  const store = await linkStore(run, link, needed, state, envelope)
  progress.exists(`The data store "${store.name}" (${store.id}) in Valohai.`)
  if (request.store.setDefault) await makeDefault(run, link, store)
  if (state.accessKeys.length > 1) await change('Remove the replaced access key', [keys.final])

  return outcomeOf(run, directory, plans, state, valohaiOutcome(request, link, store, needed))
}

function outcomeOf(
  { request }: Run,
  { path }: TerraformDirectory,
  plans: readonly Plan[],
  state: StackOutputs,
  valohai?: ValohaiOutcome,
  diff?: string,
): Outcome {
  return {
    command: request.command,
    changes:
      plans.some(({ hasChanges }) => hasChanges) ||
      (valohai !== undefined && (valohai.action !== 'unchanged' || valohai.defaultStore.changes)),
    aws: awsOutcome(plans, state, { directory: path, diff }),
    valohai,
  }
}
