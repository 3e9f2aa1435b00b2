import type { Invocation } from '../config'
import { approvalOf } from './approval'
import type { Door, Result } from './command'
import { realRun } from './real-run'

/** Makes the bucket and links it to the project. */
export const run = async (invocation: Invocation, door: Door): Promise<Result> => {
  const approval = await approvalOf(invocation, door)
  return realRun({ ...invocation.request, wish: 'apply', writes: true, approval }, door)
}
