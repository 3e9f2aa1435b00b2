import type { Rights } from '../store/deployer-rights'
import type { InputName } from './inputs'

/** A command as the inputs are read for it, and as help and documents tell of it. */
export interface CommandRow {
  /** One lowercase word or several with hyphens: what a person writes. */
  readonly name: string
  /** One or two plain sentences for help and documents, without the command's name. */
  readonly summary: string
  /** Inputs it fails without. No store can be described without bucket and region, or `outputs-file`, which has them. */
  readonly needs: readonly ['bucket', 'region', ...InputName[]] | readonly ['outputs-file', ...InputName[]]
  /** Inputs it takes, and does without. */
  readonly takes: readonly InputName[]
  /** Inputs it takes all of or none. */
  readonly optional?: {
    readonly inputs: readonly InputName[]
    /** What leaving them out does, after "leave it out to". */
    readonly without: string
  }
  /** What `format` may be. @default - Terraform's two languages */
  readonly formats?: readonly string[]
  /** What it needs in AWS of whoever runs it: `deployer-policy` grants that. @default - nothing */
  readonly rights?: Rights
  /** Whether what it writes is applied by others, with a state of their own. @default false */
  readonly isExport?: true
  /** Whether Terraform runs, in a directory that may be gone afterwards: a path in its settings is the caller's. */
  readonly runsTerraform: boolean
}

/** Whether a command does anything with an input. */
export function takes({ needs, takes, optional }: CommandRow, name: InputName): boolean {
  return name === 'command' || [...needs, ...takes, ...(optional?.inputs ?? [])].some((one) => one === name)
}
