import { userName } from '../store/names'
import type { Finding, Looked, NotChecked, Part } from './findings'
import type { Key } from './keys'
import { DAY } from './retirement'
import { day, describeKey, describeWait, lastUse } from './words'

/** The access keys: what each is, whether it works, how old it is, and which nobody accounts for. */
export function findingsOfKeys(looked: Looked): Part {
  const { decision } = looked
  if (decision === undefined) return {}
  const { keyring, waits } = decision
  return {
    findings: [...ofStore(looked), ...keyring.keys.flatMap((key) => ofKey(key, looked)), ...ofAge(looked)],
    notChecked: unknown(looked),
    notes: [
      ...keyring.keys.filter(({ fate }) => fate === 'current' || fate === 'retiring').map(describeKey),
      ...waits.map(describeWait),
    ],
  }
}

/** The key that the store works with, or does not. */
function ofStore({ decision, observed: { valohai } }: Looked): Finding[] {
  const store = valohai?.store
  const { current, isBroken = false, stranger } = decision?.keyring ?? {}
  if (store === undefined) return []
  const where = `store "${store.name}" (${store.id})`
  if (stranger !== undefined) {
    return [
      {
        what: 'The store holds an access key that no run gave it',
        where,
        is: stranger,
        should: 'a key of its own',
        fix: 'Run `apply`: the store gets a new key.',
      },
    ]
  }
  if (!isBroken) return []
  return [
    {
      what: `The access key of the store ${current === undefined ? 'is gone' : 'was deactivated'}, so Valohai cannot use the bucket`,
      where,
      is:
        current === undefined
          ? `${store.accessKeyId ?? 'its key'} is not in IAM`
          : `${current.id} is Inactive, ${lastUse(current.lastUsed)}`,
      should: 'an active key',
      fix: 'Run `apply`: the store gets a new key.',
    },
  ]
}

/** A key that should not be there. */
function ofKey(key: Key, { spec, observed: { state, valohai } }: Looked): Finding[] {
  const found = (what: string, should: string, fix: string): Finding[] => [
    {
      what,
      where: `IAM user ${state.user?.name ?? userName(spec)}`,
      is: `${key.id} of ${day(key.created)}, ${key.isActive ? 'Active' : 'Inactive'}, ${lastUse(key.lastUsed)}`,
      should,
      fix,
    },
  ]
  switch (key.fate) {
    case 'due':
      return found(
        'The grace of a replaced access key is over',
        'removed',
        'Run `apply`: it is removed. A run on a schedule does that.',
      )
    case 'unused':
      // With a store that is missing its key goes, too.
      return valohai !== undefined && valohai.store === undefined
        ? []
        : found('An access key was never taken by a store', 'removed', 'Run `apply`: it is removed.')
    case 'foreign':
      return found(
        'Nothing accounts for an access key',
        'none but those that runs made',
        'Find out who uses it, and delete it in IAM once nobody does. `apply` does not touch it.',
      )
    case 'current':
    case 'retiring':
    case 'unclear':
      return []
  }
}

/** The age of the current key. One that cannot be replaced yet waits, which is nothing wrong. */
function ofAge({ spec, decision, observed: { now } }: Looked): Finding[] {
  const { maxKeyAgeDays } = spec
  const current = decision?.keyring.current
  if (maxKeyAgeDays === undefined || current === undefined || (decision?.waits ?? []).length > 0) return []
  const age = Math.floor((Number(now) - Number(current.created)) / DAY)
  if (age < maxKeyAgeDays) return []
  return [
    {
      what: 'The access key is older than max-key-age-days',
      where: current.id,
      is: `${age} days old, ${lastUse(current.lastUsed)}`,
      should: `replaced after ${maxKeyAgeDays} days`,
      fix: 'Run `apply`: it is replaced.',
    },
  ]
}

/** Valohai may hide which key a store holds. */
function unknown({ decision, observed: { valohai } }: Looked): NotChecked[] {
  const store = valohai?.store
  if (store === undefined || store.accessKeyId !== undefined) return []
  const unclear = decision?.keyring.keys.filter(({ fate }) => fate === 'unclear').map(({ id }) => id) ?? []
  const which = unclear.length > 1 ? ` It may be ${unclear.join(' or ')}, so neither is removed.` : ''
  return [
    {
      what: `Which access key the store "${store.name}" holds`,
      why: `Valohai does not show it.${which}`,
    },
  ]
}
