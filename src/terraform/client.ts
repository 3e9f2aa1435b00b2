import { rm } from 'node:fs/promises'
import path from 'node:path'
import { TerraformError, formatDiagnostic, isNoise, saysLocked, saysUnsavedAlone } from './diagnostics'
import { parseEvent, type Diagnostic, type TerraformEvent } from './events'
import { LogLines } from './log'
import type { ChangedValue, Plan } from '../decide/plan'
import type { TerraformProgram } from './acquire/find'
import { changeCounts, changedValues, refusalOfDiagnostics } from './plan'
import { runProcess, type ProcessResult } from './process'
import { ERRORED_STATE, saveState } from './unsaved-state'

/** Which plan to make. */
export interface PlanOptions {
  /** Without Terraform's lock it neither waits nor makes others wait. */
  readonly lock: boolean
  /** Addresses to plan alone, with what they depend on. @default - everything */
  readonly targets?: readonly string[]
}

/** Terraform in one directory, one verb a method. */
export interface Terraform {
  /** `init`: connects the backend and installs the provider. */
  init(): Promise<void>
  /** `plan`, saved for `apply`. */
  plan(options: PlanOptions): Promise<Plan>
  /** `show` of the plan that was saved last: Terraform's own text for people. */
  show(): Promise<string>
  /** The values that the plan saved last changes, besides secrets. */
  changedValues(): Promise<readonly ChangedValue[]>
  /**
   * `apply` of the plan that was saved last; the plan is removed afterwards.
   *
   * @param onMade told the address of each resource as soon as it is made
   */
  apply(onMade: (address: string) => void): Promise<void>
  /** `state pull`: the state as the backend keeps it, JSON; empty where nothing was ever written to it. */
  pull(): Promise<string>
  /** `force-unlock`: releases the lock that a dead process left on the state. */
  forceUnlock(id: string): Promise<void>
}

export interface TerraformOptions {
  readonly program: TerraformProgram
  /** The directory of the configuration. */
  readonly directory: string
  /** The environment that Terraform runs in, see `terraformEnvironment`. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** How long to wait for a lock that somebody else holds, as Terraform writes it, e.g. `5m`. */
  readonly lockTimeout: string
  /** Id of a lock on the state that this very run's Terraform made, if it is there. */
  readonly ownLock?: (() => Promise<string | undefined>) | undefined
  readonly info: (message: string) => void
  readonly warning: (message: string) => void
  /** Told what Terraform logs where `TF_LOG` is set, a line each. */
  readonly debug: (message: string) => void
  /** When aborted, Terraform is asked to stop, saves its state and releases the lock. */
  readonly signal?: AbortSignal | undefined
  /**
   * When aborted, Terraform is killed, and the reason is thrown: another run works on the state, which a Terraform
   * that stops cleanly would write over.
   */
  readonly kill?: AbortSignal | undefined
}

/** A command that ended as it may. */
interface Ended {
  readonly events: readonly TerraformEvent[]
  readonly exitCode: number
}

const PLAN_FILE = 'plan.tfplan'

/** How long to wait at first: long enough for a command that ends, before it is asked whose the lock is. */
const FIRST_TIMEOUT = '10s'

/** Milliseconds of silence after which a person is told that something still goes on. */
const QUIET = 15_000

/** `Terraform` over the program of that name. */
export class TerraformCli implements Terraform {
  readonly #options: TerraformOptions
  readonly #warned = new Set<string>()
  #lastReport = 0

  constructor(options: TerraformOptions) {
    this.#options = options
  }

  public async init(): Promise<void> {
    await this.#events('init', [])
  }

  public async pull(): Promise<string> {
    const { stdout } = await this.#run('state', ['pull'], [0])
    return stdout
  }

  public async forceUnlock(id: string): Promise<void> {
    await this.#run('force-unlock', ['-force', id], [0])
  }

  public async plan({ lock, targets = [] }: PlanOptions): Promise<Plan> {
    const plan = (locking: string): Promise<Ended> =>
      this.#events(
        'plan',
        [
          '-detailed-exitcode',
          `-out=${PLAN_FILE}`,
          locking,
          ...targets.map((address) => `-target=${address}`),
        ],
        [0, 2],
      )
    const { events, exitCode } = lock
      ? await this.#locked((timeout) => plan(`-lock-timeout=${timeout}`))
      : await plan('-lock=false')
    return {
      hasChanges: exitCode === 2,
      changes: events.flatMap((event) => (event.kind === 'change' ? [event.change] : [])),
      ...changeCounts(events),
    }
  }

  public async show(): Promise<string> {
    const { stdout } = await this.#run('show', ['-no-color', PLAN_FILE], [0])
    return stdout.trim()
  }

  public async changedValues(): Promise<readonly ChangedValue[]> {
    const { stdout } = await this.#run('show', ['-json', PLAN_FILE], [0])
    return changedValues(stdout)
  }

  public async apply(onMade: (address: string) => void): Promise<void> {
    try {
      await this.#locked((timeout) =>
        this.#events('apply', [`-lock-timeout=${timeout}`, PLAN_FILE], [0], (event) => {
          if (event.kind === 'applied' && event.action === 'create') onMade(event.address)
        }),
      )
    } catch (error) {
      const push = (): Promise<unknown> => this.#run('state', ['push', ERRORED_STATE], [0])
      const isSaved = await saveState(this.#options, push)
      if (!isSaved || !saysUnsavedAlone(error)) throw error
    } finally {
      await rm(path.join(this.#options.directory, PLAN_FILE), { force: true })
    }
  }

  /**
   * Works with Terraform's lock on the state. One that this very run left there, since the answer to its making was
   * lost, is released; for anybody else's Terraform waits.
   */
  async #locked<T>(work: (timeout: string) => Promise<T>): Promise<T> {
    const { ownLock, lockTimeout, info } = this.#options
    try {
      return await work(FIRST_TIMEOUT)
    } catch (error) {
      if (!saysLocked(error)) throw error
      const id = await ownLock?.()
      if (id !== undefined) {
        await this.forceUnlock(id)
        info(`Released Terraform's lock ${id}: this run made it, and the answer was lost`)
      }
      return work(lockTimeout)
    }
  }

  async #events(
    command: string,
    args: readonly string[],
    accepted: readonly number[] = [0],
    onEvent?: (event: TerraformEvent) => void,
  ): Promise<Ended> {
    const events: TerraformEvent[] = []
    const onLine = (line: string): void => {
      const event = parseEvent(line)
      if (event === undefined) return
      events.push(event)
      this.#report(event)
      onEvent?.(event)
    }
    const { exitCode } = await this.#run(
      command,
      ['-json', '-input=false', ...args],
      accepted,
      onLine,
      events,
    )
    return { events, exitCode }
  }

  async #run(
    command: string,
    args: readonly string[],
    accepted: readonly number[],
    onLine?: (line: string) => void,
    events: readonly TerraformEvent[] = [],
  ): Promise<ProcessResult> {
    const { program, directory, environment, signal, kill, debug } = this.#options
    kill?.throwIfAborted()
    const stopTelling = this.#tellOfLongWaits(command)
    const log = new LogLines()
    const complaint: string[] = []
    const result = await runProcess({
      program: program.path,
      args: [command, ...args],
      directory,
      environment: { ...environment, TF_IN_AUTOMATION: '1', TF_INPUT: '0', CHECKPOINT_DISABLE: '1' },
      ...(onLine === undefined ? {} : { onLine }),
      onErrorLine: (line) => {
        if (log.has(line)) debug(line)
        else complaint.push(line)
      },
      signal,
      kill,
    }).finally(stopTelling)
    kill?.throwIfAborted()
    if (accepted.includes(result.exitCode)) return result
    const diagnostics = events.flatMap((event) => (event.kind === 'diagnostic' ? [event.diagnostic] : []))
    throw failureOf(command, diagnostics, { ...result, stderr: complaint.join('\n') })
  }

  /** Terraform says nothing while it downloads a provider, reads AWS, or waits for somebody else's lock. */
  #tellOfLongWaits(command: string): () => void {
    const begin = Date.now()
    this.#lastReport = begin
    const timer = setInterval(() => {
      if (Date.now() - this.#lastReport < QUIET) return
      this.#lastReport = Date.now()
      this.#options.info(
        `Still at terraform ${command}, for ${Math.round((Date.now() - begin) / 1000)} s now`,
      )
    }, QUIET / 5)
    timer.unref()
    return () => {
      clearInterval(timer)
    }
  }

  #report(event: TerraformEvent): void {
    this.#lastReport = Date.now()
    if (event.kind === 'progress' || event.kind === 'applied') this.#options.info(event.message)
    if (event.kind !== 'diagnostic' || event.diagnostic.severity !== 'warning') return
    const message = formatDiagnostic(event.diagnostic)
    if (this.#warned.has(message) || isNoise(event.diagnostic)) return
    this.#warned.add(message)
    this.#options.warning(message)
  }
}

function failureOf(
  command: string,
  diagnostics: readonly Diagnostic[],
  { stderr, exitCode }: ProcessResult,
): Error {
  const refusal = refusalOfDiagnostics(diagnostics)
  return refusal === undefined
    ? new TerraformError(command, diagnostics, stderr, exitCode)
    : new Error(refusal)
}
