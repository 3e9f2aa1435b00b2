import type { Request } from '../../config'
import type { Approval } from '../../decide/digest'
import type { Account, Observed, StackState, Store } from '../../decide/observed'
import type { Plan } from '../../decide/plan'
import type { Decision } from '../../decide/steps'
import type { Wish } from '../../store/spec'
import type { Progress } from '../../reporting/progress'
import type { Ledger } from '../ledger'
import type { Aws, Envelope, TerraformDirectory, World } from '../world'

/** How a command goes about it. */
export interface Mode {
  readonly wish: Wish
  /** Whether anything is changed; else the run tells what would be. */
  readonly writes: boolean
  /** Of `destroy`: whether the bucket goes too. @default false */
  readonly deletesBucket?: boolean
  /** Changes that may be made. @default - all */
  readonly approval?: Approval | undefined
}

/** What was asked for, and how. */
export type RunRequest = Request & Mode

/** A run under way: what it was asked for and what it works with. */
export interface Run {
  readonly request: RunRequest
  readonly world: World
  readonly progress: Progress
}

/** What a step acts on: what was seen, decided and planned. */
export interface Scene extends Run {
  readonly account: Account
  readonly directory: TerraformDirectory
  readonly ledger: Ledger
  readonly envelope: Envelope
  readonly observed: Observed
  readonly decision: Decision
  /** Terraform's plan of the end state, as it was shown. */
  readonly plan: Plan
}

/** What the steps act on that are about Valohai alone. */
export interface ValohaiScene extends Pick<Scene, 'progress' | 'ledger' | 'observed' | 'decision'> {
  readonly request: Pick<RunRequest, 'aws'>
  readonly world: Pick<World, 'reporter' | 'now' | 'valohai'> & {
    readonly aws: Pick<Aws, 'proveCredentials'>
  }
  readonly envelope: Pick<Envelope, 'open'>
}

/** What a run has come to by now. Each step takes it and returns it as it is afterwards. */
export interface Reached {
  readonly state: StackState
  readonly store: Store | undefined
  /** Whether the plan that Terraform saved last is still of the world as it is. */
  readonly planIsFresh: boolean
}
