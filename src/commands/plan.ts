import type { Invocation } from '../config'
import type { Door, Result } from './command'
import { realRun } from './real-run'

/** Tells what an apply would change. */
export async function run({ request, inputs }: Invocation, door: Door): Promise<Result> {
  const result = await realRun({ ...request, wish: 'apply', writes: false }, door)
  const tellsByExit = inputs['detailed-exitcode'] && result.outputs.changes === 'true'
  return { ...result, exitCode: tellsByExit ? 2 : 0 }
}
