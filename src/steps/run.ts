import type { Configuration } from '../config'
import type { Progress } from '../progress'
import type { World } from '../world'

/** A run under way: what it was asked for and what it works with. */
export interface Run {
  readonly configuration: Configuration
  readonly world: World
  readonly progress: Progress
}
