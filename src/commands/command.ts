import type { CommandRow, Invocation } from '../config'
import type { GithubContext } from '../github/context'
import type { Report } from '../github/report'
import type { Reporter } from '../reporting/reporter'
import type { Surroundings } from '../run/real-world'

/** One row of the table: a command's words and inputs, and how the file that runs it is loaded. */
export interface Command extends CommandRow {
  /** Loads what runs it, and with it everything that no other command needs. */
  readonly load: () => Promise<CommandModule>
}

/** A command's file. */
export interface CommandModule {
  /** @throws where it fails: with what a person is to read */
  readonly run: (invocation: Invocation, door: Door) => Promise<Result>
}

/** What a front door hands to a command. */
export interface Door {
  readonly reporter: Reporter
  /** Where in GitHub this is; `undefined` on a command line. */
  readonly github?: GithubContext
  /**
   * What a run on the real world works with. From this call on a signal to stop no longer ends the process: the
   * run does so, once Terraform has saved its state.
   */
  readonly surroundings: () => Surroundings
}

/** A line, and how it is meant, which a terminal shows in colour. */
export type Line = string | { readonly text: string; readonly tone: Tone }
export type Tone = 'good' | 'bad' | 'unsure' | 'quiet'

/** What a command hands back, for its front door to show. */
export interface Result {
  /** The Action's outputs, by name; one that is not known is left out. */
  readonly outputs: Readonly<Record<string, string>>
  /** A long text that explains the result to a person: Terraform's own of the plan, say. */
  readonly details?: string | undefined
  /** What a command line prints, a line each. @default - the outputs, as `name=value` */
  readonly lines?: readonly Line[]
  /** Of the command line: 0; 2 where it was asked to tell so that something was found; 1 where it saw nothing to tell of. @default 0 */
  readonly exitCode?: 0 | 1 | 2
  /** Why the Action's step fails though the command came to its end. @default - it does not */
  readonly failure?: string | undefined
  /** Tells GitHub how it ended. */
  readonly report: (report: Report) => Promise<void>
}
