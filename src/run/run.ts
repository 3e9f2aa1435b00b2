import { decide } from '../decide/decide'
import { planDigest } from '../decide/digest'
import type { Observed } from '../decide/observed'
import { describeKey, describeWait } from '../decide/words'
import { outcomeOf, type Outcome } from '../decide/outcome'
import type { Decision } from '../decide/steps'
import { stateIdentity } from '../state/backend'
import { Progress } from '../reporting/progress'
import { act } from './act'
import { changesOf, requireApproval } from './act/approval'
import { clearAfterFailure } from './act/clear'
import type { Reached, Run, RunRequest, Scene } from './act/context'
import { planEndState } from './act/terraform'
import { Ledger } from './ledger'
import { tellOfExport } from './exported'
import { observe, type Ground } from './observe'
import { saysAlreadyThere } from '../terraform/diagnostics'
import { ended, prepare, writeConfiguration } from './prepare'
import { releaseStaleLock } from './unlock'
import type { World } from './world'

/**
 * Brings bucket and project to what was asked for (`apply`), or tells what that would change (`plan`): looks
 * at what is there, decides, and acts on it.
 *
 * Any step can be the last one that happened: the next run looks again and goes on, so running it again ends in
 * the same state, with one store, one bucket and one current key.
 *
 * @throws RunFailed naming the step, the cause and what exists by then
 */
export const run = (asked: RunRequest, world: World): Promise<Outcome> => onGround(asked, world, decideAndAct)

/**
 * Prepares a run, does its work, and frees its lock, however that ended.
 *
 * @throws RunFailed naming the step, the cause and what exists by then
 */
export async function onGround<T>(
  asked: RunRequest,
  world: World,
  work: (run: Run, ground: Ground) => Promise<T>,
): Promise<T> {
  const stateTag = stateIdentity(asked.terraform.backend)
  const request = { ...asked, store: { ...asked.store, stateTag } }
  const progress = new Progress(world.reporter, world.signal)
  const run: Run = { request, world, progress }
  try {
    const ground = await prepare(run)
    try {
      return await work(run, ground)
    } finally {
      await Promise.all([ground.lock?.release(), ended(ground.initialized)])
    }
  } catch (cause) {
    throw progress.failure(cause)
  }
}

async function decideAndAct(run: Run, ground: Ground, isLastTry = false): Promise<Outcome> {
  const { progress, world, request } = run
  const observed = await progress.step('Look at what is there', () => observe(run, ground))
  const decision = decide(request, observed)
  tell(run, decision)
  tellOfExport(run, observed, decision)
  const [envelope] = await Promise.all([
    world.aws.createEnvelope(),
    progress.step('Initialize Terraform', () => ground.initialized),
  ])
  const { directory, lock, account } = ground
  if (decision.staleLock !== undefined) await releaseStaleLock(run, directory, decision.staleLock)
  const plan = await planEndState(run, ground, decision, envelope.publicKey)
  const scene: Scene = {
    ...run,
    account,
    directory,
    ledger: new Ledger(lock, world.now),
    envelope,
    observed,
    decision,
    plan,
  }
  if (!request.writes) return tellChanges(scene)
  requireApproval(scene, plan)
  try {
    return await makeChanges(scene)
  } catch (cause) {
    if (isLastTry || !saysAlreadyThere(cause)) throw cause
    world.reporter.info('What was to be made is there already: its answer was lost. Looking again')
    return decideAndAct(run, ground, true)
  }
}

/** Reads the plan for people; nothing is changed. */
async function tellChanges(scene: Scene): Promise<Outcome> {
  const { progress, directory, plan, observed, envelope } = scene
  const diff = plan.hasChanges
    ? await progress.step('Read the plan', () => directory.terraform.show())
    : undefined
  // Some thousand characters that no reader needs.
  return outcome(scene, before(observed), diff?.replaceAll(envelope.publicKey, 'of this run alone'))
}

/** Acts on the steps in order; a key that no store took does not outlive a failure. */
async function makeChanges(scene: Scene): Promise<Outcome> {
  let reached = before(scene.observed)
  try {
    for (const step of scene.decision.steps) reached = await act(scene, step, reached)
    await removeImports(scene)
    return outcome(scene, reached)
  } catch (cause) {
    await clearAfterFailure(scene, reached, cause)
    throw cause
  }
}

/** Import blocks have done their work, and who reads the files later is not to run them again. */
async function removeImports(scene: Scene): Promise<void> {
  const { decision, directory } = scene
  if (decision.imports.length === 0) return
  await writeConfiguration(scene, { directory, hasState: true }, { ...decision, imports: [] })
}

const before = ({ state, valohai }: Observed): Reached => ({
  state,
  store: valohai?.store,
  planIsFresh: true,
})

function outcome(scene: Scene, reached: Reached, diff?: string): Outcome {
  const { request, directory } = scene
  const { valohai } = scene.world
  const project = scene.observed.valohai?.projects[0]
  return outcomeOf({
    ...scene,
    command: request.command,
    isDone: request.writes,
    digest: planDigest(changesOf(scene, scene.plan)),
    directory: directory.path,
    diff,
    reached,
    storeUrl: reached.store && project && valohai?.storeUrl(project, reached.store),
  })
}

/** Tells the log what was decided about the keys, and what a person should know. */
export function tell({ world: { reporter } }: Run, { warnings, notes, waits, keyring }: Decision): void {
  for (const warning of warnings) reporter.warning(warning)
  for (const note of notes) reporter.info(note)
  for (const wait of waits) reporter.warning(describeWait(wait))
  for (const key of keyring.keys) reporter.info(describeKey(key))
}
