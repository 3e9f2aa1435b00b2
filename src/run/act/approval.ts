import { type Change, changesToApprove, refusalOfUnapproved } from '../../decide/digest'
import type { Plan } from '../../decide/plan'
import { askedOf } from '../../infra/asked'
import type { Scene } from './context'

type Planned = Pick<Scene, 'decision' | 'observed' | 'account' | 'request'>

/** What a plan changes, together with what the run does in Valohai, each with its digest. */
export function changesOf({ decision, observed, account }: Planned, plan: Plan): Change[] {
  return changesToApprove(plan, { decision, observed, account: account.id, asked: askedOf(decision.spec) })
}

/** @throws where approval is needed and a change has none, with what is new and the digest of now */
export function requireApproval(scene: Planned, plan: Plan): void {
  const { approval } = scene.request
  const refusal = approval && refusalOfUnapproved(changesOf(scene, plan), approval)
  if (refusal !== undefined) throw new Error(refusal)
}
