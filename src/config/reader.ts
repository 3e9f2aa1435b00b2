import { type InputName, INPUTS } from './inputs'
import type { Finding, InputProblem, Parser } from './problems'
import { secretsOf } from './secrets'
import type { InputSource } from './types'

/** A value somebody gave, and the environment variable it came from if it was not an input. */
export interface Given {
  readonly text: string
  readonly variable: string | undefined
}

function present(name: InputName, text: string | undefined): string | undefined {
  const trimmed = text?.trim()
  if (trimmed === '') return undefined
  return INPUTS[name].multiline === true ? text : trimmed
}

/** The input, else the first of its environment variables that is not empty. Never its default. */
export function given(source: InputSource, name: InputName): Given | undefined {
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

/** Reads inputs and gathers what is wrong with them, so that one run can name every problem. */
export interface InputReader {
  /** Whether the input was given as something else than its default. */
  readonly isExplicit: (name: InputName) => boolean
  /** The text given for the input; `undefined` without one, whatever its default. */
  readonly text: (name: InputName) => string | undefined
  /** The input's meaning or its default's; `undefined` where there is neither, or a problem. */
  readonly read: <T>(name: InputName, parser: Parser<T>) => T | undefined
  /** As `read`, for rules about several inputs: reports nothing again. */
  readonly peek: <T>(name: InputName, parser: Parser<T>) => T | undefined
  readonly report: (name: InputName, problem: string, fix: string) => void
  readonly problems: () => readonly InputProblem[]
}

/** A reader of one source. Holds the problems found so far, nothing else. */
export function inputReader(source: InputSource): InputReader {
  const problems: InputProblem[] = []

  const add = (input: InputName, { problem, fix }: Finding): void => {
    const { text = '', variable } = given(source, input) ?? {}
    if (hasForeignSecret(source, input, text)) {
      const problem = 'The value has a secret in it'
      const isKnown = problems.some((known) => known.input === input && known.problem === problem)
      if (!isKnown) problems.push({ input, problem, fix: 'Check which value belongs where' })
      return
    }
    const origin = variable === undefined ? '' : ` (read from ${variable})`
    problems.push({ input, problem: problem + origin, fix })
  }

  return {
    isExplicit: (name) => {
      const text = given(source, name)?.text
      return text !== undefined && text !== INPUTS[name].default
    },
    text: (name) => given(source, name)?.text,
    read: (name, parser) => {
      const text = given(source, name)?.text ?? INPUTS[name].default
      if (text === undefined) return undefined
      const parsed = parser(text)
      if ('value' in parsed) return parsed.value
      for (const finding of parsed.findings) add(name, finding)
      return undefined
    },
    peek: (name, parser) => {
      const text = given(source, name)?.text ?? INPUTS[name].default
      const parsed = text === undefined ? undefined : parser(text)
      return parsed !== undefined && 'value' in parsed ? parsed.value : undefined
    },
    report: (name, problem, fix) => add(name, { problem, fix }),
    problems: () => problems,
  }
}
