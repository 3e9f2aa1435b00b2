import type { Invocation } from '../config'
import type { Door, Result } from './command'
import { realRun } from './real-run'

/** Replaces the store's access key; everything else is brought to what was asked for, as by `apply`. */
export const run = ({ request }: Invocation, door: Door): Promise<Result> =>
  realRun({ ...request, wish: 'rotate-key', writes: true }, door)
