import { describeRequest } from '../support/describe-request'
import type { Passing, Verdict } from '../support/proxy'
import { faultsOf } from './after-kill'
import { openIntercepted } from './intercepted'

/**
 * A first apply that loses the first answer to each of these requests, after it had its effect: it ends well, with
 * one key, and the next run changes nothing.
 *
 * @param requests as `describeRequest` has them
 */
export async function expectWellWithout(bucket: string, requests: readonly string[]): Promise<void> {
  const sandbox = await openIntercepted(bucket)
  try {
    const left = new Set(requests)
    const after = (request: Passing): Verdict => (left.delete(describeRequest(request)) ? 'cut' : 'pass')
    const result = await sandbox.stepThrough({ after })
    if (result.exitCode !== 0) throw new Error(result.stdout)
    expect([...left]).toEqual([])
    expect(result).toMatchObject({ exitCode: 0, outputs: { 'store-action': 'created' } })
    expect(await faultsOf(sandbox, bucket, 1)).toEqual([])
    expect(await sandbox.step({})).toMatchObject({ exitCode: 0, outputs: { changes: 'false' } })
  } finally {
    await sandbox.close()
  }
}
