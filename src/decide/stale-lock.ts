import type { Observed, RunRecord, Tenure, TerraformLock } from './observed'

/**
 * Terraform's lock is a dead run's where it was made by Terraform's name for that run, and while that run held the
 * run lock: both times are of one clock. Any other is somebody's, on the same machine too, and is waited for.
 */
export function staleLock({ record, terraformLock: lock }: Observed): TerraformLock | undefined {
  const dead = record?.tenures?.filter(({ until }) => until !== undefined) ?? []
  return lock !== undefined && dead.some((tenure) => isMadeIn(tenure, lock)) ? lock : undefined
}

/**
 * Whether Terraform's lock is one that the run under way made, and whose answer was lost.
 *
 * @param record as that run has it, whose own tenure is the last
 */
export function isOwnLock({ tenures = [] }: RunRecord, lock: TerraformLock): boolean {
  const tenure = tenures.at(-1)
  return tenure !== undefined && tenure.until === undefined && isMadeIn(tenure, lock)
}

/** Whether Terraform's lock was made by that run's Terraform, while the run held the run lock. */
export function isMadeIn({ who, since, until }: Tenure, lock: TerraformLock): boolean {
  const created = Number(lock.created)
  return (
    who === lock.who && created >= Date.parse(since) && (until === undefined || created <= Date.parse(until))
  )
}
