import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** The version the tests were written against; any on PATH will do. */
const MOTO = 'moto[server]==5.2.1'

/** An emulator of S3, IAM and STS on loopback: moto's server. */
export interface Emulator {
  readonly url: string
  /** What points Terraform, the AWS SDK and the AWS command line at it. */
  readonly environment: Readonly<Record<string, string>>
  /** Forgets everything. */
  reset(): Promise<void>
  /** Checks every request against the IAM policies from now on, or (`false`) no longer. */
  enforceIam(on: boolean): Promise<void>
  close(): Promise<void>
}

/**
 * Starts the emulator on a free port.
 *
 * @param cache directory that moto is installed into where it is not on PATH
 * @param program moto's server. @default - as `findMoto` finds or installs it
 * @throws where it cannot be had, naming what is missing
 */
export async function startEmulator(cache: string, program = findMoto(cache)): Promise<Emulator> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const server = spawn(program, ['-H', '127.0.0.1', '-p', String(port)], {
    stdio: 'ignore',
    // See sitecustomize.py there: without it, TLS-only buckets could not be used over plain loopback.
    env: { ...process.env, PYTHONPATH: path.join(__dirname, 'moto') },
  })
  const stop = (): void => void server.kill('SIGKILL')
  process.once('exit', stop)
  await untilReady(url, server)
  const post = async (route: string, body?: string): Promise<void> => {
    const answer = await fetch(`${url}/moto-api/${route}`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      ...(body === undefined ? {} : { body }),
    })
    if (!answer.ok) throw new Error(`The emulator refused ${route}: HTTP ${answer.status}`)
  }
  return {
    url,
    environment: {
      AWS_ENDPOINT_URL: url,
      AWS_ACCESS_KEY_ID: 'AKIADEPLOYER',
      AWS_SECRET_ACCESS_KEY: 'secret-of-the-deployer',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    reset: () => post('reset'),
    enforceIam: (on) => post('reset-auth', on ? '0' : 'inf'),
    close: async () => {
      process.off('exit', stop)
      const ended = new Promise((resolve) => server.once('exit', resolve))
      server.kill('SIGKILL')
      await ended
    },
  }
}

/** moto's server: the one on PATH, else one that is installed into `cache`. */
export function findMoto(cache: string): string {
  if (works('moto_server')) return 'moto_server'
  const environment = path.join(cache, 'moto')
  const program = path.join(environment, 'bin', 'moto_server')
  if (existsSync(program)) return program
  if (!works('python3')) {
    throw new Error(
      'The AWS emulator needs Python 3: install python3 (with venv), or put moto_server on PATH.',
    )
  }
  process.stderr.write('Installing moto, the AWS emulator, once…\n')
  mkdirSync(cache, { recursive: true })
  try {
    execFileSync('python3', ['-m', 'venv', environment], { stdio: 'pipe' })
    execFileSync(path.join(environment, 'bin', 'pip'), ['install', '--quiet', MOTO], { stdio: 'pipe' })
  } catch (cause) {
    throw new Error(
      `The AWS emulator could not be installed: put moto_server on PATH (pip install '${MOTO}'), or let python3 -m venv and pip work here.`,
      { cause },
    )
  }
  return program
}

function works(program: string): boolean {
  try {
    execFileSync(program, ['--help'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

async function untilReady(url: string, server: ChildProcess): Promise<void> {
  const deadline = Date.now() + 60_000
  while (Date.now() < deadline) {
    if (server.exitCode !== null)
      throw new Error('The AWS emulator ended at once. Does moto_server run by hand?')
    try {
      await fetch(`${url}/moto-api/data.json`)
      return
    } catch {
      await sleep(100)
    }
  }
  throw new Error('The AWS emulator did not answer within a minute.')
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('No free port.')
  return address.port
}
