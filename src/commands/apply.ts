import type { Invocation } from '../config'
import type { Door, Result } from './command'
import { realRun } from './real-run'

/** Makes the bucket and links it to the project. */
export const run = ({ request }: Invocation, door: Door): Promise<Result> =>
  realRun({ ...request, wish: 'apply', writes: true }, door)
