import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { runProcess, type ProcessCall } from '../../src/terraform/process'
import { removeDirectories, temporaryDirectory } from '../support/terraform-scripts'

let directory: string

beforeEach(() => {
  directory = temporaryDirectory()
})

afterEach(removeDirectories)

/** Runs `code` in Node. */
const runCode = (code: string, call: Partial<ProcessCall> = {}): ReturnType<typeof runProcess> =>
  runProcess({
    program: process.execPath,
    args: ['-e', code],
    directory,
    environment: { PATH: process.env.PATH },
    ...call,
  })

it('streams each line of stdout without its end, the last one too', async () => {
  const lines: string[] = []
  const code = `process.stdout.write('one\\ntw'); setTimeout(() => process.stdout.write('o\\r\\n\\nlast'), 20)`
  const { stdout, exitCode } = await runCode(code, { onLine: (line) => lines.push(line) })
  expect(lines).toEqual(['one', 'two', '', 'last'])
  expect(stdout).toBe('one\ntwo\n\nlast')
  expect(exitCode).toBe(0)
})

it('gives lines as they come, not at the end', async () => {
  // The child ends only once its first line was seen.
  const file = path.join(directory, 'seen')
  const code = `
    console.log('first')
    const wait = () => require('fs').existsSync(${JSON.stringify(file)}) ? console.log('second') : setTimeout(wait, 5)
    wait()`
  const lines: string[] = []
  await runCode(code, {
    onLine: (line) => {
      lines.push(line)
      execFileSync('touch', [file])
    },
  })
  expect(lines).toEqual(['first', 'second'])
})

it('keeps characters whole that arrive in pieces', async () => {
  const code = `
    const bytes = Buffer.from('é€😀\\n')
    const next = (i) => { if (i < bytes.length) { process.stdout.write(bytes.subarray(i, i + 1)); process.stderr.write(bytes.subarray(i, i + 1)); setTimeout(next, 2, i + 1) } }
    next(0)`
  const { stdout, stderr } = await runCode(code)
  expect(stdout).toBe('é€😀')
  expect(stderr).toBe('é€😀')
})

it('gives back megabytes whole', async () => {
  const { stdout } = await runCode(`process.stdout.write(('x'.repeat(999) + '\\n').repeat(3000))`)
  expect(stdout).toHaveLength(3000 * 1000 - 1)
})

it.each([0, 1, 2, 42])('leaves the exit code %d to the caller', async (code) => {
  const { exitCode, stderr } = await runCode(`console.error('why'); process.exit(${code})`)
  expect({ exitCode, stderr }).toEqual({ exitCode: code, stderr: 'why' })
})

it.each([
  ['SIGINT', 130],
  ['SIGKILL', 137],
  ['SIGTERM', 143],
])('has the exit code of a shell where %s ended it', async (signal, expected) => {
  const { exitCode } = await runCode(`process.kill(process.pid, '${signal}'); setTimeout(() => {}, 60000)`)
  expect(exitCode).toBe(expected)
})

it('passes arguments on as they are, through no shell', async () => {
  const awkward = ['a b', '$HOME', '; touch oops', '"quoted"', "it's", '*', '', 'ü']
  const { stdout } = await runProcess({
    program: process.execPath,
    args: ['-e', 'console.log(JSON.stringify(process.argv.slice(1)))', '--', ...awkward],
    directory,
    environment: {},
  })
  expect(JSON.parse(stdout)).toEqual(awkward)
})

it('gives the environment and the directory that were asked for, and no other', async () => {
  process.env.OF_THE_PARENT = 'not to be passed on'
  try {
    const { stdout } = await runCode('console.log(JSON.stringify([process.env, process.cwd()]))', {
      environment: { ONLY: 'this', NOT_SET: undefined },
    })
    const [environment, at] = JSON.parse(stdout) as [Record<string, string>, string]
    expect(environment).toMatchObject({ ONLY: 'this' })
    expect(environment).not.toHaveProperty('OF_THE_PARENT')
    expect(environment).not.toHaveProperty('NOT_SET')
    expect(at).toBe(directory)
  } finally {
    delete process.env.OF_THE_PARENT
  }
})

it('has nothing to read on stdin, so that nothing waits for an answer', async () => {
  const { stdout } = await runCode(
    `process.stdin.on('data', () => {}).on('end', () => console.log('the end'))`,
  )
  expect(stdout).toBe('the end')
})

it.each(['terraform-that-is-not-there', '/nonexistent/terraform'])(
  'fails where %s is missing',
  async (program) => {
    await expect(runCode('', { program })).rejects.toMatchObject({ code: 'ENOENT' })
  },
)

it('fails where the directory is missing', async () => {
  await expect(runCode('', { directory: path.join(directory, 'missing') })).rejects.toMatchObject({
    code: 'ENOENT',
  })
})

describe('when the run is cancelled', () => {
  /** Stops cleanly on the first SIGINT, as Terraform does, and tells how many it got. */
  const PATIENT = `
    let signals = 0
    const stop = setInterval(() => {}, 1000)
    process.on('SIGINT', () => {
      if (++signals === 1) setTimeout(() => { clearInterval(stop); console.log('signals: ' + signals) ; process.exitCode = 1 }, 150)
    })
    process.on('SIGTERM', () => { console.log('SIGTERM'); process.exit(9) })
    console.log('ready')`

  it('the program gets exactly one SIGINT and time to stop', async () => {
    const controller = new AbortController()
    const { stdout, exitCode } = await runCode(PATIENT, {
      signal: controller.signal,
      onLine: (line) => {
        if (line !== 'ready') return
        controller.abort()
        controller.abort()
      },
    })
    expect(stdout).toBe('ready\nsignals: 1')
    expect(exitCode).toBe(1)
  })

  it('a program that is started too late is stopped at once', async () => {
    const { exitCode, stdout } = await runCode('setTimeout(() => console.log("too late"), 60000)', {
      signal: AbortSignal.abort(),
    })
    expect(stdout).toBe('')
    expect(exitCode).toBe(130)
  })

  it('after its end nothing is signalled any more', async () => {
    const controller = new AbortController()
    const removed = jest.spyOn(controller.signal, 'removeEventListener')
    await runCode('', { signal: controller.signal })
    expect(removed).toHaveBeenCalledWith('abort', expect.any(Function))
  })
})

it('is killed, and what it started with it, where it must not go on', async () => {
  const controller = new AbortController()
  const child = `process.on('SIGINT', () => {}); setTimeout(() => {}, 60000)`
  const code = `
    const { pid } = require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}])
    console.log(pid)
    process.on('SIGINT', () => {}); setTimeout(() => {}, 60000)`
  const { exitCode, stdout } = await runCode(code, {
    kill: controller.signal,
    onLine: () => controller.abort(),
  })
  expect(exitCode).toBe(137)
  // Nobody may have reaped it yet.
  const state = execFileSync('sh', ['-c', `ps -o stat= -p ${stdout} || true`], { encoding: 'utf8' })
  expect(state).toMatch(/^(Z.*)?\s*$/)
})

it('runs in a process group of its own, which Ctrl-C in a terminal does not reach', async () => {
  const code = `
    const ps = ['-o', 'pgid=', '-p', String(process.pid)]
    console.log(process.pid, require('child_process').execFileSync('ps', ps, { encoding: 'utf8' }))`
  const { stdout } = await runCode(code)
  const [program, group] = stdout.trim().split(/\s+/)
  expect(group).toMatch(/^\d+$/)
  expect(group).toBe(program)
})
