import type { Request } from '../../config'
import type { Progress } from '../../reporting/progress'
import type { World } from '../world'

/** A run under way: what it was asked for and what it works with. */
export interface Run {
  readonly request: Request
  readonly world: World
  readonly progress: Progress
}
