import type { Invocation } from '../config'
import { approvalOf } from './approval'
import type { Door, Result } from './command'
import { realRun } from './real-run'

/** Replaces the store's access key; everything else is brought to what was asked for, as by `apply`. */
export const run = async (invocation: Invocation, door: Door): Promise<Result> => {
  const approval = await approvalOf(invocation, door)
  return realRun({ ...invocation.request, wish: 'rotate-key', writes: true, approval }, door)
}
