import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const PROJECT = path.resolve(__dirname, '..', '..')

/** The Node that GitHub's runner starts Actions with. */
export const ACTIONS_NODE = path.join(PROJECT, 'node_modules', 'node', 'bin', 'node')

/** How one step of a workflow ended. */
export interface StepResult {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  readonly outputs: Readonly<Record<string, string>>
  readonly summary: string
  /** RUNNER_TEMP of the step. */
  readonly temporaryDirectory: string
}

export interface StepOptions {
  readonly inputs: Readonly<Record<string, string>>
  /** Added to the runner's environment. */
  readonly environment: Readonly<Record<string, string>>
  /** Directory for the files that the runner makes for a step. */
  readonly directory: string
  /** Told each line of the log as it comes; may end the step through `kill`. */
  readonly onLine?: (line: string, kill: (signal: NodeJS.Signals) => void) => void
  /** Told the id of the step's process. */
  readonly onStart?: (pid: number) => void
}

/** Runs the built bundle as GitHub's runner runs a step: Node 24, inputs and files in the environment. */
export async function runStep(options: StepOptions): Promise<StepResult> {
  mkdirSync(options.directory, { recursive: true })
  const directory = mkdtempSync(path.join(options.directory, 'step-'))
  const temporaryDirectory = path.join(directory, 'temp')
  mkdirSync(temporaryDirectory)
  const files = { output: path.join(directory, 'output'), summary: path.join(directory, 'summary.md') }
  for (const file of Object.values(files)) writeFileSync(file, '')

  const child = spawn(ACTIONS_NODE, [path.join(PROJECT, 'dist', 'index.js')], {
    cwd: directory,
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      GITHUB_ACTIONS: 'true',
      RUNNER_TEMP: temporaryDirectory,
      RUNNER_TOOL_CACHE: path.join(options.directory, 'tool-cache'),
      GITHUB_OUTPUT: files.output,
      GITHUB_STEP_SUMMARY: files.summary,
      GITHUB_WORKSPACE: directory,
      ...options.environment,
      ...Object.fromEntries(
        Object.entries(options.inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
      ),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (child.pid !== undefined) options.onStart?.(child.pid)
  const kill = (signal: NodeJS.Signals): void => void child.kill(signal)
  let rest = ''
  const stdout: string[] = []
  const stderr: string[] = []
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout.push(chunk)
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) options.onLine?.(line, kill)
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => stderr.push(chunk))
  const exitCode = await new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? -1))
  })
  return {
    exitCode,
    stdout: stdout.join(''),
    stderr: stderr.join(''),
    outputs: parseOutputs(readFileSync(files.output, 'utf8')),
    summary: readFileSync(files.summary, 'utf8'),
    temporaryDirectory,
  }
}

/** Reads the file that steps write their outputs into: `name<<delimiter`, the value, the delimiter. */
function parseOutputs(text: string): Record<string, string> {
  const outputs: Record<string, string> = {}
  for (const [, name, , value] of text.matchAll(/^([^<\n]+)<<(\S+)\r?\n([\s\S]*?)\r?\n\2$/gm)) {
    outputs[name ?? ''] = value ?? ''
  }
  return outputs
}
