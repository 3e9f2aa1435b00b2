import { Command, InvalidArgumentError, Option } from 'commander'
import { homedir, hostname, userInfo } from 'node:os'
import path from 'node:path'
import { version } from '../package.json'
import { cancellation } from './reporting/cancellation'
import {
  INPUT_NAMES,
  INPUTS,
  InvalidInput,
  parseRequest,
  secretsOf,
  type InputName,
  type InputSource,
} from './config'
import { ConsoleReporter, wantsColor } from './reporting/console-reporter'
import { exportTerraform } from './export'
import { outputsOf } from './decide/outcome'

const COMMANDS = {
  apply: 'Make the bucket and link it to the Valohai project.',
  plan: 'Show what apply would change, and change nothing.',
  synth: 'Write the Terraform for review. Needs neither Terraform, AWS nor Valohai.',
} as const

type Given = Readonly<Record<string, string | true | undefined>>

function program(): Command {
  const root = new Command('valohai-s3')
    .description('Links a private AWS S3 bucket to a Valohai project.')
    .version(version)
    .showHelpAfterError('(add --help for the options)')
  for (const [name, description] of Object.entries(COMMANDS)) {
    const command = root.command(name).description(description)
    for (const input of INPUT_NAMES) for (const option of optionsOf(input)) command.addOption(option)
    command.action(async (given: Given) => main(name, given))
  }
  return root
}

function optionsOf(name: InputName): Option[] {
  const {
    description,
    default: defaultValue,
    defaultText,
    environment,
    secret,
    actionOnly,
    multiline,
  } = INPUTS[name]
  if (name === 'command' || actionOnly === true) return []
  if (secret === true) return [refusedSecret(name, environment?.[0] ?? '')]
  const isSwitch = defaultValue === 'true' || defaultValue === 'false'
  const shown = defaultValue ?? defaultText
  const help = shown === undefined ? description : `${description} (default: ${shown})`
  const option = new Option(`--${name} ${isSwitch ? '[boolean]' : '<value>'}`, help)
  if (multiline === true) {
    // One entry a line; on a command line the option is repeated instead.
    option.argParser((value: string, earlier: string | undefined) =>
      earlier === undefined ? value : `${earlier}\n${value}`,
    )
  }
  if (name !== 'output-dir') return [option]
  return [option, new Option('--out <value>', 'Short for --output-dir.')]
}

// Every user of a machine can read its command lines.
function refusedSecret(name: InputName, variable: string): Option {
  return new Option(`--${name} <value>`).hideHelp().argParser(() => {
    throw new InvalidArgumentError(
      `A secret does not belong on a command line. Set ${variable} in the environment.`,
    )
  })
}

/** The command line's front door: reads the options, runs, prints the outputs. */
async function main(command: string, given: Given): Promise<void> {
  const option = (name: string): string | undefined => {
    const value = given[camelCase(name)] ?? (name === 'output-dir' ? given.out : undefined)
    return value === true ? 'true' : value
  }
  const source: InputSource = {
    get: (name) => (name === 'command' ? command : option(name)),
    environment: process.env,
  }
  const reporter = new ConsoleReporter({
    write: (line) => process.stderr.write(`${line}\n`),
    color: wantsColor(process.env, process.stderr.isTTY),
  })
  for (const secret of secretsOf(source)) reporter.mask(secret)
  try {
    const request = parseRequest(source)
    if (request.command === 'synth') {
      const { directory, written, removed } = await exportTerraform(request)
      for (const name of removed) reporter.info(`Removed ${name}, which is no part of it any more`)
      const shown = written.map((name) => path.join(path.relative('', directory), name))
      process.stdout.write(shown.map((name) => `${name}\n`).join(''))
      return
    }
    const cacheDirectory = path.join(
      process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'),
      'valohai-s3',
    )
    // Loaded here: synth needs none of it, and starts at once.
    const { runForReal } = await import('./run/real-world')
    const outcome = await runForReal(request, {
      reporter,
      environment: process.env,
      signal: cancellation(),
      holder: `${userInfo().username} on ${hostname()}, process ${process.pid}`,
      temporaryDirectory: cacheDirectory,
      keepDirectory: false,
      cacheDirectory: process.env.RUNNER_TOOL_CACHE ?? cacheDirectory,
      workspace: process.cwd(),
    })
    if (outcome.aws.diff !== undefined) reporter.print(`\n${outcome.aws.diff}\n`)
    for (const [name, value] of Object.entries(outputsOf(outcome, request))) {
      const isGone = name === 'terraform-dir' && !request.output.directoryIsExplicit
      if (!isGone) process.stdout.write(`${name}=${value}\n`)
    }
  } catch (error) {
    const text = error instanceof InvalidInput || error instanceof Error ? error.message : String(error)
    reporter.print(text)
    process.exitCode = 1
  }
}

function camelCase(name: string): string {
  return name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}

void program().parseAsync()
