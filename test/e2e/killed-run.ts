import type { StepResult } from '../support/action-runner'
import { describeRequest, isWrite } from '../support/describe-request'
import { signalTree } from '../support/process-tree'
import type { Passing, Verdict } from '../support/proxy'
import type { Intercepted } from './intercepted'

type Inputs = Readonly<Record<string, string>>

/** A request of a run, and on which side of it the run is killed. */
export interface Moment {
  /** As `describeRequest` has it. */
  readonly request: string
  /** 1 for the first request of that name. */
  readonly occurrence: number
  /** Before it is passed on, or once it was answered and before the answer is passed on. */
  readonly when: 'before' | 'after'
}

/** A request of a whole run. */
export type Recorded = Omit<Moment, 'when'> & { readonly isWrite: boolean }

/** Every request of a whole run, of ours and of Terraform's, to AWS and to Valohai, in order. */
export async function recordRun(sandbox: Intercepted, inputs: Inputs): Promise<readonly Recorded[]> {
  const requests: Recorded[] = []
  const occurrences = counter()
  const before = (request: Passing): Verdict => {
    const name = describeRequest(request)
    requests.push({ request: name, occurrence: occurrences(name), isWrite: isWrite(request) })
    return 'pass'
  }
  const { exitCode, stdout } = await sandbox.stepThrough({ before }, inputs)
  if (exitCode !== 0) throw new Error(stdout)
  return requests
}

/**
 * A run that is killed at a moment, by SIGKILL of its process and of all below it.
 *
 * @returns `undefined` where it ended before it came to that moment
 */
export async function killRun(
  sandbox: Intercepted,
  inputs: Inputs,
  moment: Moment,
): Promise<StepResult | undefined> {
  const occurrences = counter()
  const run = { process: 0, isKilled: false }
  const kill = (): Verdict => {
    run.isKilled = true
    signalTree(run.process, 'SIGKILL')
    return 'cut'
  }
  const chosen = new Set<Passing>()
  const before = (request: Passing): Verdict => {
    if (run.isKilled) return 'cut'
    const name = describeRequest(request)
    if (name !== moment.request || occurrences(name) !== moment.occurrence) return 'pass'
    chosen.add(request)
    return moment.when === 'before' ? kill() : 'pass'
  }
  const after = (request: Passing): Verdict => (chosen.has(request) ? kill() : 'pass')
  const result = await sandbox.stepThrough({ before, after }, inputs, {
    onStart: (pid) => (run.process = pid),
  })
  return run.isKilled ? result : undefined
}

/** Does so many at a time, and keeps their order: who kills a run waits a minute for its lock. */
export async function inParallel<T, R>(
  atOnce: number,
  items: readonly T[],
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  const queue = [...items.entries()]
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift())
      results[next[0]] = await work(next[1])
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return results
}

function counter(): (name: string) => number {
  const counts = new Map<string, number>()
  return (name) => {
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    return count
  }
}
