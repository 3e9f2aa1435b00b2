import { userName } from '../store/names'
import { principalsOf } from './access'
import type { Looked, Part } from './findings'

/** Where the role's trust should name the user as it lives, and does not: the user's ARN. */
export function untrustedUser({ observed: { existing, state } }: Looked): string | undefined {
  const { user, role } = existing
  // One that is not ours yet is not to be judged.
  if (user === undefined || role === undefined || state.role === undefined) return undefined
  const isTrusted = role.trust.some(
    ({ Effect, Principal }) => Effect === 'Allow' && principalsOf(Principal).includes(user.arn),
  )
  return isTrusted ? undefined : user.arn
}

/** Whom the role for outputs over 5 GB trusts (guide, step 5): AWS shows a user who was deleted by an id. */
export function findingsOfRole(looked: Looked): Part {
  const user = untrustedUser(looked)
  const { role } = looked.observed.existing
  if (user === undefined || role === undefined) return {}
  const trusted = role.trust.flatMap(({ Principal }) => principalsOf(Principal))
  return {
    findings: [
      {
        what: `The role does not trust ${userName(looked.spec)}, so outputs over 5 GB fail`,
        where: role.arn,
        is: `trusts ${trusted.join(', ') || 'nobody'}`,
        should: `trusts ${user}`,
        fix: 'Run `apply`: its trust policy is written again.',
      },
    ],
  }
}
