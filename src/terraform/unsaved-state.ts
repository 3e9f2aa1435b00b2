import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** What Terraform calls a state that it could not save. */
export const ERRORED_STATE = 'errored.tfstate'

/** Milliseconds before each try to save it. */
const PAUSES = [1_000, 5_000, 15_000]

/**
 * Where Terraform could not save the state it left it in a file: what it made would otherwise be unknown.
 *
 * @param push tries to save it
 * @returns whether there was such a file, and it is saved now
 */
export async function saveState(
  {
    directory,
    info,
    warning,
  }: {
    readonly directory: string
    readonly info: (message: string) => void
    readonly warning: (message: string) => void
  },
  push: () => Promise<unknown>,
): Promise<boolean> {
  const file = path.join(directory, ERRORED_STATE)
  if (!existsSync(file)) return false
  for (const pause of PAUSES) {
    await sleep(pause)
    try {
      await push()
      await rm(file, { force: true })
      info('Terraform could not save its state at first; it is saved now')
      return true
    } catch {
      // Tried again after the next pause.
    }
  }
  warning(
    `Terraform could not save its state, so it is kept in ${file}. The next run finds what was made all the same; once it is through, delete that file.`,
  )
  return false
}
