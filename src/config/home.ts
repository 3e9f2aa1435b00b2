import { homedir } from 'node:os'
import type { Environment } from './request'

/** Debian's word for a user without one. */
const NOWHERE = '/nonexistent'

/**
 * The user's home directory; `undefined` where nothing tells which it is: neither the environment, nor the
 * system, which throws for a user id without an entry in `passwd`, as containers have them.
 */
export function homeDirectory({ HOME, USERPROFILE }: Environment): string | undefined {
  if (HOME === NOWHERE) return undefined
  if (HOME !== undefined && HOME !== '') return HOME
  if (USERPROFILE !== undefined && USERPROFILE !== '') return USERPROFILE
  try {
    return homedir()
  } catch {
    return undefined
  }
}

/**
 * Lets the AWS SDK do without a home directory: where there is none it throws, instead of finding no settings
 * in it. Not a directory that exists, where somebody could put settings.
 */
export function settleHome(environment: Record<string, string | undefined>): void {
  if (homeDirectory(environment) === undefined) environment.HOME = NOWHERE
}
