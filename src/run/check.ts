import { isDeepStrictEqual } from 'node:util'
import { decide } from '../decide/decide'
import { verdictOf, type NotChecked, type Verdict } from '../decide/findings'
import type { Observed } from '../decide/observed'
import type { ChangedValue, Plan } from '../decide/plan'
import type { Decision } from '../decide/steps'
import { ValohaiError } from '../valohai'
import type { Run, RunRequest } from './act/context'
import { planEndState } from './act/terraform'
import { observe, recordOf, type Ground } from './observe'
import { onGround, tell } from './run'
import { survey } from './survey'
import { isInWords, whyUnseen } from './unseen'
import type { World } from './world'

/** How often is looked, where runs of the store come in between. */
const MOST_LOOKS = 5

/**
 * Tells whether everything is as it was asked for, in both worlds. Reads only, and takes no lock: a run that is under
 * way is waited for, and where one came in between, what was seen may be half of it, and is looked at again.
 *
 * @throws RunFailed where there is nothing to look with, or a run that does not end
 */
export const check = (request: RunRequest, world: World): Promise<Verdict> =>
  onGround(request, world, async (run, ground) => {
    for (let look = 1; look <= MOST_LOOKS; look += 1) {
      const before = await recordOf(run, ground)
      const verdict = await lookAround(run, ground)
      if (isDeepStrictEqual(await recordOf(run, ground), before)) return verdict
      world.reporter.info('A run of this store came in between. Looking again')
    }
    const why = 'Run after run of this store came in between. Check again once they are through.'
    return verdictOf({ notChecked: [{ what: 'Everything', why, isWorld: true }] })
  })

async function lookAround(run: Run, ground: Ground): Promise<Verdict> {
  const { progress, request } = run
  const { store: spec, wish } = request
  const seen = await tried(run, 'AWS and Valohai', () =>
    progress.step('Look at what is there', () => observeBoth(run, ground)),
  )
  if (!('is' in seen)) return verdictOf(seen)
  const { observed } = seen.is
  const surveyed = await progress.step('Look at what no plan shows', () => survey(run, ground, observed))
  const looked = { spec, observed, survey: surveyed, notChecked: seen.is.notChecked }
  const decision = await tried(run, 'What apply would do', () => decide({ wish, store: spec }, observed))
  if (!('is' in decision)) return verdictOf({ ...looked, ...decision })
  tell(run, decision.is)
  await progress.step('Initialize Terraform', () => ground.initialized)
  const planned = await tried(run, "AWS's resources", () => planOf(run, ground, decision.is))
  return verdictOf({
    ...looked,
    decision: decision.is,
    ...('is' in planned ? planned.is : planned),
    notChecked: [...looked.notChecked, ...('notChecked' in planned ? planned.notChecked : [])],
  })
}

/** Both worlds; AWS alone where Valohai cannot be looked at. */
async function observeBoth(
  run: Run,
  ground: Ground,
): Promise<{ observed: Observed; notChecked: readonly NotChecked[] }> {
  try {
    const why = 'No project and no token was given.'
    return {
      observed: await observe(run, ground),
      notChecked: run.world.valohai === undefined ? [{ what: 'Valohai', why }] : [],
    }
  } catch (error) {
    const why = error instanceof ValohaiError ? whyUnseen(error) : undefined
    if (why === undefined) throw error
    const alone = { ...run, world: { ...run.world, valohai: undefined } }
    return { observed: await observe(alone, ground), notChecked: [{ what: 'Valohai', why, isWorld: true }] }
  }
}

async function planOf(
  run: Run,
  ground: Ground,
  decision: Decision,
): Promise<{ plan: Plan; values: readonly ChangedValue[] }> {
  const { publicKey } = await run.world.aws.createEnvelope()
  const plan = await planEndState(run, ground, decision, publicKey)
  const values = plan.changes.length > 0 ? await ground.directory.terraform.changedValues() : []
  return { plan, values }
}

type Tried<T> =
  | { readonly is: T }
  /** Why `apply` would not do it. */
  | { readonly refusal: string }
  | { readonly notChecked: readonly NotChecked[] }

/** What comes of looking; what is thrown in words for a person alone is a refusal, which `apply` would end with. */
async function tried<T>({ world }: Run, what: string, look: () => T | Promise<T>): Promise<Tried<T>> {
  try {
    return { is: await look() }
  } catch (error) {
    if (world.signal.aborted || !(error instanceof Error)) throw error
    const why = whyUnseen(error)
    if (why !== undefined) return { notChecked: [{ what, why, isWorld: true }] }
    if (!isInWords(error)) throw error
    return { refusal: error.message }
  }
}
