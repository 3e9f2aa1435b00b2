import { homedir } from 'node:os'
import type { Environment } from './request'

/**
 * The user's home directory; `undefined` where nothing tells which it is: neither the environment, nor the
 * system, which throws for a user id without an entry in `passwd`, as containers have them.
 */
export function homeDirectory({ HOME, USERPROFILE }: Environment): string | undefined {
  if (HOME !== undefined && HOME !== '') return HOME
  if (USERPROFILE !== undefined && USERPROFILE !== '') return USERPROFILE
  try {
    return homedir()
  } catch {
    return undefined
  }
}
