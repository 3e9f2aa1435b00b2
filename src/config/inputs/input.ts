import type { StoreSpec } from '../../store/spec'
import type { Parsed } from '../problems'
import type { Environment } from '../request'

/** One input: how it is read, and how `action.yml`, the command line's help and the README tell of it. */
export interface Input<T = unknown> {
  /** One to three plain sentences, for a person. Which commands take it, and need it, is the commands' to say. */
  readonly description: string
  /** What a text means, or what is wrong with it. Most look at nothing but the text. */
  readonly parser: (text: string, environment: Environment) => Parsed<T>
  /** The text that stands for a missing one; `action.yml` shows it too. */
  readonly default?: string
  /** What it means without a text, where `action.yml` must show no default: the environment comes first, say. */
  readonly fallback?: T
  /** What happens without a value, where that is not one fixed text. Markdown, without a full stop. */
  readonly defaultText?: string
  /** Default of `action.yml` that GitHub's runner evaluates. */
  readonly runnerDefault?: string
  /** Environment variables read when the input is empty, in this order. */
  readonly environment?: readonly string[]
  /** What to write where a command needs it and nothing is given: a sentence without a full stop. */
  readonly missing?: string
  /**
   * Why it is refused where it is given to a command that does not take it: a clause. Without one the command
   * passes it over, since workflows give the same inputs to every command.
   */
  readonly refusal?: string
  /** One entry a line, so the lines are not to be trimmed away before they are counted. */
  readonly multiline?: true
  readonly secret?: true
  readonly actionOnly?: true
  readonly cliOnly?: true
}

/** An input that is a field of the store's description. */
export type StoreInput = {
  [Field in keyof StoreSpec]: Input<StoreSpec[Field]> & { readonly field: Field }
}[keyof StoreSpec]
