import { isDeepStrictEqual } from 'node:util'
import { madeOrChanged, type Plan } from '../../decide/plan'
import { isNewSince } from '../../decide/record'
import { refusalOfAdoption } from '../../decide/adoption'
import { refusalOf } from '../../decide/refusals'
import type { Decision, Step } from '../../decide/steps'
import { variableValues } from '../../infra/synthesize'
import { POLICY_NAMES } from '../../store/names'
import { readState, type Ground } from '../observe'
import { writeConfiguration } from '../prepare'
import { requireApproval } from './approval'
import type { Reached, Run, Scene } from './context'

type TerraformStep = Extract<Step, { part: 'make' | 'all' }>

/** Plans the end state, and refuses what would take away what Valohai works with. */
export async function planEndState(
  run: Run,
  ground: Ground,
  decision: Decision,
  pgpKey: string,
): Promise<Plan> {
  const { directory, lock } = ground
  return run.progress.step('Plan', async () => {
    // It was written once already, for `init`.
    const isAsAsked = isDeepStrictEqual(decision.spec, run.request.store) && decision.imports.length === 0
    if (!isAsAsked) await writeConfiguration(run, ground, decision)
    if (decision.takesDown === undefined) {
      await directory.writeVariables(
        variableValues(decision.spec, {
          access_key_generations: decision.generations,
          pgp_key: pgpKey,
        }),
      )
    }
    const plan = await directory.terraform.plan({ lock: lock !== undefined })
    refuse(plan, decision)
    if (decision.imports.some(({ isAdopted }) => isAdopted === true)) {
      const refusal = refusalOfAdoption(await directory.terraform.changedValues(), decision.imports)
      if (refusal !== undefined) throw new Error(refusal)
    }
    const { reporter } = run.world
    for (const { action, address } of plan.changes) reporter.info(`${action} ${address}`)
    const { hasChanges, toAdd, toChange, toDestroy } = plan
    const imports = decision.imports.length > 0 ? `${decision.imports.length} to import, ` : ''
    const counts = `${imports}${toAdd} to add, ${toChange} to change, ${toDestroy} to destroy`
    reporter.info(hasChanges ? counts : 'No changes')
    return plan
  })
}

/** Lets Terraform do its part of a run, and reads the state back. */
export async function applyTerraform(scene: Scene, step: TerraformStep, reached: Reached): Promise<Reached> {
  const { progress, directory, decision } = scene
  const targets = targetsOf(step, scene.plan)
  if (targets?.length === 0) return reached
  if (targets === undefined && reached.planIsFresh) {
    if (!scene.plan.hasChanges) return reached
  } else {
    const plan = await progress.step(STAGES[step.part], async () => {
      const made = await directory.terraform.plan({ lock: true, ...(targets && { targets }) })
      refuse(made, decision)
      requireApproval(scene, made)
      return made
    })
    if (!plan.hasChanges) return reached
  }
  // A run that stood still must not undo what another one did meanwhile.
  await scene.ledger.confirm()
  await noteAdoption(scene)
  return makesKey(scene) ? applyWithKey(scene, reached) : apply(scene, reached)
}

const STAGES: Readonly<Record<TerraformStep['part'], string>> = {
  make: 'Plan what comes before the hand-over',
  all: 'Plan what goes after the hand-over',
}

function targetsOf(step: TerraformStep, plan: Plan): readonly string[] | undefined {
  switch (step.part) {
    case 'make':
      return madeOrChanged(plan)
    case 'all':
      return undefined
  }
}

function makesKey({ decision: { newGeneration }, ledger }: Scene): boolean {
  return newGeneration !== undefined && ledger.entry(newGeneration)?.id === undefined
}

async function apply({ progress, directory, world, request }: Scene, reached: Reached): Promise<Reached> {
  await progress.step('Apply', () =>
    directory.terraform.apply((address) => progress.made(`${address}, made by this run.`)),
  )
  const state = await progress.step('Read the state', () =>
    readState({ progress, world, request }, { directory, hasState: true, initialized: Promise.resolve() }),
  )
  return { ...reached, state, planIsFresh: false }
}

/** Notes that a key is asked for before IAM is, and which one it was. */
async function applyWithKey(scene: Scene, reached: Reached): Promise<Reached> {
  const { ledger, decision, world, observed } = scene
  const generation = decision.newGeneration ?? ''
  const asked = { before: observed.keys.map(({ id }) => id), since: world.now().toISOString() }
  await ledger.note(generation, { progress: 'asked', before: asked.before })
  const after = await apply(scene, reached)
  const key = after.state.keys.find((one) => one.generation === generation)
  if (key === undefined) throw new Error(`Terraform made no access key of generation ${generation}.`)
  await ledger.note(generation, { progress: 'made', id: key.id })

  // A lost answer is asked for again by the AWS provider, and then there are two.
  const user = after.state.user?.name ?? ''
  const keys = await world.aws.listKeys(user)
  const extra = keys.filter((one) => one.id !== key.id && isNewSince(one, asked))
  for (const { id } of extra) {
    await world.aws.removeKey(user, id)
    world.reporter.info(`Removed the access key ${id}: IAM made it for this run, and its answer was lost`)
  }
  return after
}

/** Notes which inline policies people made, before user and role are taken over: they go along with these one day. */
async function noteAdoption({ decision, world, ledger }: Scene): Promise<void> {
  const adopted = decision.imports.filter(({ isAdopted }) => isAdopted === true)
  const idOf = (address: string): string | undefined => adopted.find(({ to }) => to === address)?.id
  const [user, role] = [idOf('aws_iam_user.store'), idOf('aws_iam_role.multipart')]
  if (user === undefined && role === undefined) return
  const policies = await world.aws.listInlinePolicies({ user, role })
  await ledger.noteAdoption(policies.filter(({ of, name }) => name !== POLICY_NAMES[of]))
}

function refuse(plan: Plan, decision: Decision): void {
  const refusal = refusalOf(plan, decision)
  if (refusal !== undefined) throw new Error(refusal)
}
