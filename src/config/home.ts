import { mkdtempSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
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

/**
 * Gives what looks for a home directory by itself, as the AWS SDK and Terraform do, an empty one where nothing
 * tells which it is: they fail without. No other user can write to it.
 *
 * @param environment the process's own: `HOME` is set there
 * @param temporary directory that it is made in
 */
export function provideHome(environment: NodeJS.ProcessEnv, temporary: string): void {
  if (homeDirectory(environment) === undefined)
    environment.HOME = mkdtempSync(path.join(temporary, 'valohai-s3-home-'))
}
