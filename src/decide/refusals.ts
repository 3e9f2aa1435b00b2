import { keyAddress, roleName, userName } from '../store/names'
import type { StoreSpec } from '../store/spec'
import type { StackState } from './observed'
import type { Plan, PlannedChange } from './plan'
import type { Decision } from './steps'

/** What takes a resource away from the world, or from the state. */
const TAKING = ['delete', 'replace', 'forget']

/**
 * A user or a role in use is not renamed: IAM's rename makes Terraform destroy key and policy first, and a store
 * names the role by its ARN.
 *
 * @throws naming the input that keeps the name
 */
export function refuseRenames(spec: StoreSpec, { user, role }: StackState): void {
  const refuse = (what: string, input: string, is: string, wanted: string): never => {
    throw new Error(
      `The ${what} is called ${is}, and would have to be renamed to ${wanted}: Valohai could not work with the store in between. ` +
        `Set \`${input}: ${is}\` to keep it. For another name, make a store of its own with another \`state-key\`.`,
    )
  }
  if (user !== undefined && user.name !== userName(spec))
    refuse('IAM user', 'iam-user-name', user.name, userName(spec))
  if (!spec.multipart || role === undefined || role.name === roleName(spec)) return
  refuse('role', 'multipart-role-name', role.name, roleName(spec))
}

/**
 * Why a plan must not be applied: it would take away what Valohai works with, and no step asked for that.
 *
 * @returns the reason and what to do, or `undefined` where the plan is safe
 */
export function refusalOf(
  plan: Plan,
  decision: Pick<Decision, 'going' | 'spec' | 'takesDown'>,
): string | undefined {
  // Its configuration has nothing: all that the state holds goes, or is forgotten.
  if (decision.takesDown !== undefined) return undefined
  const taken = plan.changes.filter(({ action }) => TAKING.includes(action))
  // One that is managed elsewhere from now on is forgotten, and stays.
  const isLeft = ({ action }: PlannedChange): boolean => action === 'forget' && !decision.spec.manageBucket
  const bucket = taken.find((change) => change.type === 'aws_s3_bucket' && !isLeft(change))
  if (bucket !== undefined) return bucketRefusal(bucket.address, bucket.action)
  const unasked = taken.filter(
    (change) =>
      change.type.startsWith('aws_iam_') && change.isTainted !== true && !isAskedFor(change, plan, decision),
  )
  if (unasked.length === 0) return undefined
  return [
    'The plan would take away what Valohai works with, and nothing that was asked for needs that:',
    ...unasked.map(({ action, address }) => `- ${action} ${address}`),
    'This is refused. It happens where the state is that of another store (`state-key`), or where somebody changed the user or the role in AWS.',
  ].join('\n')
}

function isAskedFor(
  { address, type, action }: PlannedChange,
  plan: Plan,
  { going, spec }: Pick<Decision, 'going' | 'spec'>,
): boolean {
  if (type === 'aws_iam_access_key') {
    return action !== 'replace' && going.some((generation) => address === keyAddress(generation))
  }
  if (address !== 'aws_iam_role.multipart' && address !== 'aws_iam_role_policy.multipart') return false
  // AWS turns a trust in a user that was deleted into one in a dead id, so the role is recreated with the user.
  const userIsNew = plan.changes.some(
    (change) => change.address === 'aws_iam_user.store' && change.action === 'create',
  )
  return !spec.multipart || userIsNew
}

/** The same for a plan that Terraform itself refused, since the bucket has `prevent_destroy`. */
export function bucketRefusal(address: string, action: string): string {
  return [
    `The plan would ${action} the bucket (${address}), and with it its data. This is refused, always.`,
    'It happens when `bucket` or `region` changed while the state is still that of the old bucket.',
    'To link another bucket, give it a state of its own (`state-key`); to keep this one, set the old values again.',
  ].join('\n')
}
