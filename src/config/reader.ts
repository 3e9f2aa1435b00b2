import { type CommandRow, takes } from './command'
import { mayHoldCredential } from './credentials'
import { type Input, INPUT_NAMES, type InputName, INPUTS, type InputValues } from './inputs'
import { type Finding, type InputProblem, listed, show } from './problems'
import { type Environment, type InputSource, OUTPUT_FORMATS } from './request'
import { lines } from './lines'
import { choice } from './scalars'
import { secretsOf } from './secrets'

/** What the inputs mean, and what is wrong with them, so that one run can name every problem. */
export interface Reading<Row extends CommandRow = CommandRow> {
  /** `undefined` where it is unknown, which is a problem by itself: all inputs are taken then. */
  readonly command: Row | undefined
  /** The meaning of each input that is right; of one that is not given or not taken, what stands for it. */
  readonly values: { readonly [Name in InputName]?: InputValues[Name] | undefined }
  /** Whether the input or one of its environment variables was given, and the command takes it. */
  readonly isGiven: (name: InputName) => boolean
  /** Whether it was given as something else than its default: `action.yml` gives the defaults always. */
  readonly isExplicit: (name: InputName) => boolean
  /** Adds a problem that one input alone does not show. */
  readonly report: (name: InputName, problem: string, fix: string) => void
  readonly problems: readonly InputProblem[]
  /** For settings that are no input's. */
  readonly environment: Environment
}

/** A value somebody gave, and the environment variable it came from if it was not an input. */
interface Given {
  readonly text: string
  readonly variable: string | undefined
}

function present(name: InputName, text: string | undefined): string | undefined {
  const trimmed = text?.trim()
  if (trimmed === '') return undefined
  return INPUTS[name].multiline === true ? text : trimmed
}

/** The input, else the first of its environment variables that is not empty. Never its default. */
function givenFor(source: InputSource, name: InputName): Given | undefined {
  const input = present(name, source.get(name))
  if (input !== undefined) return { text: input, variable: undefined }
  for (const variable of INPUTS[name].environment ?? []) {
    const text = present(name, source.environment[variable])
    if (text !== undefined) return { text, variable }
  }
  return undefined
}

// Hiding anything shorter would make messages unreadable and keep no secret.
const SHORTEST_SECRET = 4

const variablesOf = (input: InputName): readonly (readonly [string, undefined])[] =>
  (INPUTS[input].environment ?? []).map((variable) => [variable, undefined])

/**
 * Whether the value of an input has a secret of another input in it: a token in the wrong place, say.
 * Findings about an input's own secrets never show them; of anything else they may, in part, in small
 * letters or escaped, so that a replacement afterwards would come too late.
 */
function hasForeignSecret(source: InputSource, input: InputName, text: string): boolean {
  const others: InputSource = {
    get: (name) => (name === input ? undefined : source.get(name)),
    environment: { ...source.environment, ...Object.fromEntries(variablesOf(input)) },
  }
  return secretsOf(others).some((secret) => secret.length >= SHORTEST_SECRET && text.includes(secret))
}

/** Whether a finding may show some part of the value: it stands in quotes then, or as an address. */
function showsValue({ problem, fix }: Finding): boolean {
  return /"|:\/\//.test(`${problem}${fix}`.replaceAll('"="', ''))
}

/**
 * Reads the command, and every input as that command takes it: what it does not take stands at its default, and
 * is refused where doing without it would be a surprise; what it needs has to be there.
 */
export function readInputs<Row extends CommandRow>(
  source: InputSource,
  commands: readonly Row[],
): Reading<Row> {
  const problems: InputProblem[] = []
  const values: Partial<Record<InputName, unknown>> = {}

  const add = (input: InputName, { problem, fix }: Finding): void => {
    const { text = '', variable } = givenFor(source, input) ?? {}
    const shows = INPUTS[input].secret !== true && showsValue({ problem, fix })
    if (hasForeignSecret(source, input, text) || (shows && mayHoldCredential(text))) {
      const problem = 'The value has a secret in it'
      const isKnown = problems.some((known) => known.input === input && known.problem === problem)
      if (!isKnown) problems.push({ input, problem, fix: 'Check which value belongs where' })
      return
    }
    const origin = variable === undefined ? '' : ` (read from ${variable})`
    problems.push({ input, problem: problem + origin, fix })
  }

  /** What a text means, any problem with it told; without a text, what stands for it. */
  const meaning = (name: InputName, given: string | undefined, command?: Row): unknown => {
    const { default: text, fallback } = INPUTS[name]
    const read = given ?? text
    if (read === undefined) return fallback
    const parsed = parserOf(name, commands, command)(read, source.environment)
    if ('value' in parsed) return parsed.value
    for (const finding of parsed.findings) add(name, finding)
    return undefined
  }

  values.command = meaning('command', givenFor(source, 'command')?.text)
  const command = commands.find(({ name }) => name === values.command)

  const isTaken = (name: InputName): boolean => command === undefined || takes(command, name)
  const isGiven = (name: InputName): boolean => isTaken(name) && givenFor(source, name) !== undefined

  /** Checks what the command does not take: a typo shows with whichever command runs first. */
  const passOver = (name: InputName, text: string): void => {
    const asked = meaning(name, text)
    const finding = refusal(name, text, commands)
    if (finding !== undefined && asked !== undefined && asked !== values[name]) add(name, finding)
  }

  for (const name of INPUT_NAMES.filter((name) => name !== 'command')) {
    const text = givenFor(source, name)?.text
    values[name] = meaning(name, isTaken(name) ? text : undefined, command)
    // A secret is not looked at where it is of no use.
    if (!isTaken(name) && text !== undefined && INPUTS[name].secret !== true) passOver(name, text)
    const finding = command && text === undefined ? missing(name, command, isGiven) : undefined
    if (finding !== undefined) add(name, finding)
  }

  return {
    command,
    // Each was made by the parser of its own row, from which the type of its value comes.
    values: values as Reading['values'],
    isGiven,
    isExplicit: (name) => isGiven(name) && values[name] !== meaning(name, undefined),
    report: (name, problem, fix) => add(name, { problem, fix }),
    problems,
    environment: source.environment,
  }
}

/** How an input is read whose words are what the table of commands has, and any other. */
function parserOf(
  name: InputName,
  commands: readonly CommandRow[],
  command: CommandRow | undefined,
): Input['parser'] {
  const wordsOf = (rows: readonly CommandRow[]): readonly string[] => rows.map((row) => row.name)
  if (name === 'command') return choice(wordsOf(commands))
  if (name === 'for') return lines(choice(wordsOf(commands.filter(({ rights }) => rights !== undefined))))
  if (name === 'format' && command !== undefined) return choice(command.formats ?? OUTPUT_FORMATS)
  return INPUTS[name].parser
}

/** What is wrong with an input that the command does not take; `undefined` where it is passed over. */
function refusal(name: InputName, text: string, commands: readonly CommandRow[]): Finding | undefined {
  const reason = INPUTS[name].refusal
  if (reason === undefined) return undefined
  const takers = commands.filter((row) => takes(row, name)).map((row) => row.name)
  return {
    problem: `${show(text)} is for ${listed(takers)} alone: ${reason}`,
    fix: `Leave it out, or use it with ${listed(takers, 'or')}`,
  }
}

/** What is wrong where an input is not given; `undefined` where the command does without it. */
function missing(
  name: InputName,
  { needs, optional }: CommandRow,
  isGiven: (name: InputName) => boolean,
): Finding | undefined {
  const problem = 'Nothing is given'
  const fix = INPUTS[name].missing ?? 'Give it'
  if (needs.includes(name)) return { problem, fix }
  const given = optional?.inputs.includes(name) === true ? optional.inputs.filter(isGiven) : []
  if (given.length === 0) return undefined
  return { problem, fix: `${fix}; or leave ${listed(given)} out to ${optional?.without ?? ''}` }
}
