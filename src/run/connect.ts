import type { Request } from '../config'
import { decideConnection, observedOf, stateOf, wordsOfKeys } from '../decide/connect'
import { changesToApprove, planDigest } from '../decide/digest'
import { outcomeOf, type Outcome } from '../decide/outcome'
import type { Step } from '../decide/steps'
import { Progress } from '../reporting/progress'
import { accountIn } from '../store/arn'
import type { StoreOutputs } from '../store/outputs'
import { changeStore } from './act/change-store'
import type { Reached, ValohaiScene } from './act/context'
import { handOver } from './act/hand-over'
import { setDefault } from './act/set-default'
import { Ledger } from './ledger'
import { askValohai, lookAtValohai } from './valohai'
import type { Aws, World } from './world'

/** What is asked for of Terraform that somebody else applied. */
export type ConnectRequest = Request & { readonly outputs: StoreOutputs }

/** What a connection needs of the outside: neither Terraform, nor a state, nor rights in AWS but the key's. */
export interface ConnectWorld extends Pick<World, 'reporter' | 'now' | 'valohai' | 'signal'> {
  readonly aws: Pick<Aws, 'preflight' | 'proveCredentials'>
}

/**
 * Gives the newest key of exported Terraform to the project's store, and makes that the default (guide, step 6).
 * Running it again goes on where it ended, and changes nothing where it is done.
 *
 * @throws RunFailed naming the step, the cause and what exists by then
 */
export async function connect(request: ConnectRequest, world: ConnectWorld): Promise<Outcome> {
  const { outputs, store: spec } = request
  const { reporter } = world
  reporter.mask(outputs.secret)
  const progress = new Progress(reporter, world.signal)
  try {
    const seen = await progress.step('Look at what is there', async () => {
      const run = { world, request }
      const asked = askValohai(run)
      const preflight = await world.aws.preflight(outputs.bucket.name, spec.valohaiOrigin)
      const valohai = await lookAtValohai(run, asked, undefined, {
        keys: outputs.keys,
        bucketName: outputs.bucket.name,
      })
      if (valohai === undefined) throw new Error('Without project and token there is nothing to connect.')
      return { now: world.now(), preflight, valohai }
    })
    const decision = decideConnection(spec, outputs, seen)
    for (const warning of decision.warnings) reporter.warning(warning)
    for (const note of decision.notes) reporter.info(note)

    const observed = observedOf(outputs, seen)
    const scene: ValohaiScene = {
      request,
      world,
      progress,
      observed,
      decision,
      ledger: new Ledger(undefined, world.now),
      // Its owner opened it already.
      envelope: { open: () => Promise.resolve(outputs.secret) },
    }
    let reached: Reached = { state: stateOf(outputs), store: seen.valohai.store, planIsFresh: true }
    for (const step of decision.steps) reached = await act(scene, step, reached)
    for (const words of wordsOfKeys(decision)) reporter.info(words)
    const { store } = reached
    const account = accountIn(outputs.user.arn) ?? ''
    return outcomeOf({
      command: request.command,
      isDone: true,
      digest: planDigest(changesToApprove(NO_PLAN, { decision, observed, account, asked: () => null })),
      observed,
      decision,
      plan: NO_PLAN,
      reached,
      storeUrl: store && world.valohai?.storeUrl(seen.valohai.projects[0], store),
      directory: undefined,
      diff: undefined,
    })
  } catch (cause) {
    throw progress.failure(cause)
  }
}

/** Of Terraform nothing is run. */
const NO_PLAN = { hasChanges: false, toAdd: 0, toChange: 0, toDestroy: 0, changes: [] }

async function act(scene: ValohaiScene, step: Step, reached: Reached): Promise<Reached> {
  switch (step.kind) {
    case 'hand-over':
      return handOver(scene, step, reached)
    case 'change-store':
      return changeStore(scene, step, reached)
    case 'set-default':
      return setDefault(scene, step, reached)
    case 'terraform':
    case 'remove-lost-keys':
    case 'clear-default':
    case 'delete-store':
    case 'remove-policies':
    case 'remove-leftovers':
      // Somebody else's to do: a connection has no such step.
      return reached
  }
}
