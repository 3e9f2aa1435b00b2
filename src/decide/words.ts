import type { Key } from './keys'
import type { Wait } from './steps'

/** A day as people write it down: `2026-03-01`, in UTC. */
export const day = (date: Date): string => date.toISOString().slice(0, 10)

/** When a key was last used, a clause. */
export const lastUse = (date: Date | undefined): string =>
  date === undefined ? 'never used' : `last used ${day(date)}`

/** A key in one line: its id, what it is, and its last use. */
export function describeKey({ id, fate, created, lastUsed, until, because, isActive }: Key): string {
  const used = lastUse(lastUsed)
  const what = {
    current: 'the current one',
    retiring: `replaced; it may go from ${until === undefined ? '?' : day(until)} on${because === undefined ? '' : `: ${because}`}`,
    due: 'replaced, its grace is over',
    unused: 'never taken by the store',
    unclear: 'the store may hold it',
    foreign: 'made by hand: no run knows it',
  }[fate]
  return `The access key ${id} of ${day(created)}${isActive ? '' : ', deactivated'} (${used}): ${what}.`
}

/** Why something that was asked for is not done yet, and when it will be. */
export function describeWait({ what, key, until, isForRotation }: Wait): string {
  if (isForRotation === true)
    return `Waits: ${what}. That is written with the secret of the access key, and ${key} was made by people: the next rotation does it (rotate-key, or max-key-age-days).`
  const begin = `Waits: ${what}. IAM allows two access keys for a user, and there is no room for another`
  return until === undefined
    ? `${begin} until ${key} is gone, which is for a person to decide.`
    : `${begin} until ${day(until)}, when ${key} may go; a run after that does it. With key-grace-days: 0 it goes at once, and URLs that it signed stop working.`
}
