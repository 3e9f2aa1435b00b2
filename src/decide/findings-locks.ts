import type { Finding, Looked, Part } from './findings'
import type { Tenure, TerraformLock } from './observed'
import { isMadeIn } from './stale-lock'

/** Longer than any Terraform command of a run holds its lock, in milliseconds. */
const LONGEST_HOLD = 3_600_000

/** Locks that nobody holds any more. */
export function findingsOfLocks({ observed, survey }: Looked): Part {
  const { record, now } = observed
  const lock = survey.terraformLock
  const dead = record?.tenures?.find(({ until }) => until === undefined)
  const findings: Finding[] =
    dead === undefined
      ? []
      : [
          {
            what: 'A run died, and left its lock',
            where: 'the lock of this store',
            is: `held by ${dead.who} since ${dead.since}, and silent`,
            should: 'free',
            fix: 'Run `apply`: it goes on from where that run ended.',
          },
        ]
  if (lock === undefined) return { findings }
  if ('why' in lock) return { findings, notChecked: [{ what: "Terraform's lock", why: lock.why }] }
  return { findings: [...findings, ...ofTerraform(lock.is, record?.tenures ?? [], now)] }
}

function ofTerraform(lock: TerraformLock | undefined, tenures: readonly Tenure[], now: Date): Finding[] {
  if (lock === undefined) return []
  const isOfDeadRun = tenures.some((tenure) => isMadeIn(tenure, lock))
  if (!isOfDeadRun && Number(now) - Number(lock.created) < LONGEST_HOLD) return []
  return [
    {
      what: 'Terraform left its lock on the state',
      where: `lock ${lock.id}`,
      is: `of ${lock.who}, since ${lock.created.toISOString()}`,
      should: 'none',
      fix: isOfDeadRun
        ? 'Run `apply`: it is the lock of a run that died, and is released.'
        : `If nobody works with Terraform there, \`terraform force-unlock ${lock.id}\`; until then \`apply\` waits for it and fails.`,
    },
  ]
}
