import { Command as Program, InvalidArgumentError, Option } from 'commander'
import { createColors } from 'picocolors'
import { hostname, tmpdir, userInfo } from 'node:os'
import path from 'node:path'
import { version } from '../package.json'
import { COMMANDS, type Door, type Line } from './commands'
import {
  type CommandRow,
  homeDirectory,
  INPUT_NAMES,
  type InputName,
  INPUTS,
  type InputSource,
  parseRequest,
  secretsOf,
  settleHome,
  takes,
  withoutValues,
} from './config'
import { boolean } from './config/scalars'
import { cancellation } from './reporting/cancellation'
import { ConsoleReporter, wantsColor } from './reporting/console-reporter'
import { plain } from './reporting/plain'

type Given = Readonly<Record<string, string | true | undefined>>

/** The command line as the tables describe it. */
function program(): Program {
  const root = new Program('valohai-s3')
    .description('Links a private AWS S3 bucket to a Valohai project.')
    .version(version)
    .showHelpAfterError('(add --help for the options)')
    .configureOutput({
      outputError: (text, write) => write(plain(withoutValues(text, process.argv.slice(2)))),
    })
  for (const row of COMMANDS) {
    const command = root.command(row.name).description(row.summary)
    for (const input of INPUT_NAMES) for (const option of optionsOf(input, row)) command.addOption(option)
    command.action(async (given: Given) => main(row.name, given))
  }
  return root
}

/** An input as a command's options: what it does not take is understood too, since scripts pass the same to all. */
function optionsOf(name: InputName, row: CommandRow): Option[] {
  const {
    description,
    default: text,
    defaultText,
    environment,
    secret,
    actionOnly,
    multiline,
    parser,
  } = INPUTS[name]
  if (name === 'command' || actionOnly === true) return []
  if (secret === true) return [refusedSecret(name, environment?.[0] ?? '')]
  const shown = text ?? defaultText
  const remarks = [
    ...(row.needs.includes(name) ? ['required'] : []),
    ...(shown === undefined ? [] : [`default: ${shown}`]),
  ]
  const help = remarks.length === 0 ? description : `${description} (${remarks.join(', ')})`
  const option = new Option(`--${name} ${parser === boolean ? '[boolean]' : '<value>'}`, help)
  if (multiline === true) {
    // One entry a line; on a command line the option is repeated instead.
    option.argParser((value: string, earlier: string | undefined) =>
      earlier === undefined ? value : `${earlier}\n${value}`,
    )
  }
  const options =
    name === 'output-dir' ? [option, new Option('--out <value>', 'Short for --output-dir.')] : [option]
  return takes(row, name) ? options : options.map((one) => one.hideHelp())
}

// Every user of a machine can read its command lines.
function refusedSecret(name: InputName, variable: string): Option {
  return new Option(`--${name} <value>`).hideHelp().argParser(() => {
    throw new InvalidArgumentError(
      `A secret does not belong on a command line. Set ${variable} in the environment.`,
    )
  })
}

/** The command line's front door: reads the options, runs the command, prints the result. */
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
  const door: Door = {
    reporter,
    surroundings: () => ({
      reporter,
      environment: process.env,
      signal: cancellation(),
      holder: `${userName()} on ${hostname()}, process ${process.pid}`,
      temporaryDirectory: tmpdir(),
      keepDirectory: false,
      cacheDirectory: process.env.RUNNER_TOOL_CACHE ?? ownDirectory(),
      workspace: process.cwd(),
    }),
  }
  try {
    const invocation = parseRequest(source, COMMANDS)
    const { run } = await invocation.command.load()
    const { outputs, details, lines, exitCode } = await run(invocation, door)
    if (details !== undefined) reporter.print(`\n${details}\n`)
    const printed = lines ?? Object.entries(outputs).map(([name, value]) => `${name}=${value}`)
    process.stdout.write(printed.map((line) => `${painted(line, reporter)}\n`).join(''))
    process.exitCode = exitCode ?? 0
  } catch (error) {
    reporter.print(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  }
}

/** A line as it is printed: its text is made harmless first, and then coloured. */
function painted(line: Line, reporter: ConsoleReporter): string {
  if (typeof line === 'string') return reporter.line(line)
  const { green, red, yellow, dim } = createColors(wantsColor(process.env, process.stdout.isTTY))
  const paint = { good: green, bad: red, unsure: yellow, quiet: dim }[line.tone]
  return paint(reporter.line(line.text))
}

/** Where what is kept between runs lies; `undefined` without a home directory. */
function ownDirectory(): string | undefined {
  const home = homeDirectory(process.env)
  const cache = process.env.XDG_CACHE_HOME ?? (home === undefined ? undefined : path.join(home, '.cache'))
  return cache === undefined ? undefined : path.join(cache, 'valohai-s3')
}

/** The user's name; the number where the system knows none, as in a container that runs as any user. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `user ${process.getuid?.() ?? ''}`
  }
}

function camelCase(name: string): string {
  return name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}

settleHome(process.env)
void program().parseAsync()
