import { spawn, type ChildProcess } from 'node:child_process'
import { constants } from 'node:os'
import { createInterface } from 'node:readline'

/** An outside program, its arguments, and where it runs. */
export interface ProcessCall {
  readonly program: string
  readonly args: readonly string[]
  readonly directory: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Called with each line of stdout as it comes, without its line end. */
  readonly onLine?: (line: string) => void
  /** Called with each line of stderr. */
  readonly onErrorLine?: (line: string) => void
  /** When aborted, the program gets one SIGINT, on which Terraform stops cleanly. */
  readonly signal?: AbortSignal | undefined
  /** When aborted, the program and what it started are killed. */
  readonly kill?: AbortSignal | undefined
}

export interface ProcessResult {
  /** The exit code; 128 + n where signal n ended it, as a shell has it. */
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/**
 * Runs a program to its end. Arguments go as a list and never through a shell.
 *
 * @throws where the program cannot be started; an exit code other than 0 is the caller's to judge
 */
export async function runProcess(call: ProcessCall): Promise<ProcessResult> {
  const child = spawn(call.program, call.args, {
    cwd: call.directory,
    env: call.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C in a terminal reaches the whole group, and Terraform takes a second
    // SIGINT as "stop at once, state unsaved". This way it gets exactly the one that is passed on below.
    detached: process.platform !== 'win32',
  })

  const interrupt = (): void => {
    child.kill('SIGINT')
  }
  call.signal?.addEventListener('abort', interrupt, { once: true })
  if (call.signal?.aborted) interrupt()
  const kill = (): void => {
    killGroup(child)
  }
  call.kill?.addEventListener('abort', kill, { once: true })

  const stdout: string[] = []
  const stderr: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    stdout.push(line)
    call.onLine?.(line)
  })
  createInterface({ input: child.stderr }).on('line', (line) => {
    stderr.push(line)
    call.onErrorLine?.(line)
  })

  try {
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code, signal) =>
        resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
      )
    })
    return { exitCode, stdout: stdout.join('\n'), stderr: stderr.join('\n') }
  } finally {
    call.signal?.removeEventListener('abort', interrupt)
    call.kill?.removeEventListener('abort', kill)
  }
}

/** Kills a program and all that is in the process group that it leads; on Windows, which has none, itself alone. */
function killGroup(child: ChildProcess): void {
  try {
    if (process.platform === 'win32' || child.pid === undefined) child.kill('SIGKILL')
    else process.kill(-child.pid, 'SIGKILL')
  } catch {
    // It has just ended.
  }
}
