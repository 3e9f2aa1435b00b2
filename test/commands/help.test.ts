import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { buildSync } from 'esbuild'
import { COMMANDS } from '../../src/commands'
import { INPUT_NAMES, INPUTS, takes } from '../../src/config'

let directory: string

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'valohai-s3-help-'))
  buildSync({
    entryPoints: [path.resolve(__dirname, '../../src/cli.ts')],
    outfile: path.join(directory, 'cli.js'),
    bundle: true,
    platform: 'node',
    // What runs on AWS or synthesizes is loaded when it is called: help has to do without it.
    external: ['@aws-sdk/*', 'cdktf', '@cdktf/*', 'constructs'],
    logLevel: 'error',
  })
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** The help of the command line, with its line breaks undone. */
const help = (...args: readonly string[]): string => {
  const { status, stdout } = spawnSync(process.execPath, ['cli.js', ...args, '--help'], {
    cwd: directory,
    env: {},
    encoding: 'utf8',
  })
  expect(status).toBe(0)
  return stdout.replace(/\s+/g, ' ')
}

it('lists every command with its words', () => {
  const text = help()
  for (const { name, summary } of COMMANDS) expect(text).toContain(`${name} [options] ${summary}`)
})

it.each(COMMANDS.map((command) => [command.name, command] as const))(
  'of %s lists the options that it takes, and says which are required',
  (name, command) => {
    const text = help(name)
    for (const input of INPUT_NAMES) {
      const { actionOnly, secret } = INPUTS[input]
      if (actionOnly === true || secret === true || input === 'command') continue
      expect([input, text.includes(` --${input} `)]).toEqual([input, takes(command, input)])
      const own = new RegExp(` --${input} (?:(?! --).)*`).exec(text)?.[0] ?? ''
      expect([input, own.includes('(required')]).toEqual([input, command.needs.includes(input)])
    }
  },
)
