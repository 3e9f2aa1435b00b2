import { isObject, type JsonObject, type JsonValue } from '../store/json'

/** Whether a statement of a bucket's policy lets everybody in. */
export function isPublic({ Effect, Principal, Condition }: JsonObject): boolean {
  return Effect === 'Allow' && Condition === undefined && principalsOf(Principal).includes('*')
}

/**
 * Whom a role trusts besides the store's user.
 *
 * @param trust statements of its trust policy
 * @param userArn of the user; `undefined` where it is yet to be made
 */
export function othersInTrust(
  trust: readonly JsonObject[],
  userArn: string | undefined,
  userName: string,
): string[] {
  const isUser = (principal: string): boolean =>
    principal === userArn ||
    (userArn === undefined && principal.includes(':user/') && principal.endsWith(`/${userName}`)) ||
    // A user that was deleted: AWS shows its id in place of the ARN.
    /^AIDA[A-Z0-9]+$/.test(principal)
  return [...new Set(trust.flatMap(({ Principal }) => principalsOf(Principal)))].filter((one) => !isUser(one))
}

/** All principals of a statement, of whatever kind. */
export function principalsOf(principal: JsonValue | undefined): string[] {
  if (typeof principal === 'string') return [principal]
  if (!isObject(principal)) return []
  return Object.values(principal)
    .flat()
    .filter((id): id is string => typeof id === 'string')
}
