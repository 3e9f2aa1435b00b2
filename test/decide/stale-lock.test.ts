import type { Observed, Tenure } from '../../src/decide/observed'
import { isOwnLock, staleLock } from '../../src/decide/stale-lock'
import { worldOf } from '../support/observed'

const WHO = 'ci@runner'
const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1, 12, minute)).toISOString()
const lock = (minute: number, who = WHO) => ({ id: 'lock', who, created: new Date(at(minute)) })
const tenure = (since: number, until?: number, who = WHO): Tenure => ({
  who,
  since: at(since),
  ...(until === undefined ? {} : { until: at(until) }),
})

const seen = (tenures: Tenure[], terraformLock: Observed['terraformLock']): Observed => ({
  ...worldOf({}),
  record: { keys: [], tenures },
  terraformLock,
})

it.each<[string, Tenure[], Observed['terraformLock'], boolean]>([
  ['no lock', [tenure(0, 10)], undefined, false],
  ['made while a dead run held the run lock', [tenure(0, 10)], lock(5), true],
  ['made by another name', [tenure(0, 10)], lock(5, 'me@laptop'), false],
  ['made by the same name before that run', [tenure(3, 10)], lock(2), false],
  ['made by the same name after that run', [tenure(0, 10)], lock(11), false],
  ['made in the run under way', [tenure(0)], lock(5), false],
])("Terraform's lock is stale: %s", (_what, tenures, found, isStale) => {
  expect(staleLock(seen(tenures, found))).toEqual(isStale ? found : undefined)
})

it.each<[string, Tenure[], ReturnType<typeof lock>, boolean]>([
  ['made by this run', [tenure(0, 1), tenure(2)], lock(3), true],
  ['made before it', [tenure(0, 1), tenure(2)], lock(1), false],
  ['of somebody else', [tenure(2)], lock(3, 'me@laptop'), false],
  ['of a run that ended', [tenure(0, 5)], lock(3), false],
  ['where nothing is recorded', [], lock(3), false],
])("Terraform's lock is this run's own: %s", (_what, tenures, found, isOwn) => {
  expect(isOwnLock({ keys: [], tenures }, found)).toBe(isOwn)
})
