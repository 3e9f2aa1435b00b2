import { COMMANDS } from '../../src/commands'
import {
  type Request,
  InvalidInput,
  type InputProblem,
  type InputSource,
  parseRequest,
} from '../../src/config'

export type Values = Readonly<Record<string, string>>

/** A token that is found again in any text that it should not be in. */
export const TOKEN = 'vh-5f2b9c1d8e7a4c3b'

/** The inputs of the README's first example. */
export const FIRST: Values = {
  bucket: 'my-valohai-bucket',
  region: 'eu-west-1',
  'valohai-project': 'acme/churn-model',
  'valohai-token': TOKEN,
}

export const source = (inputs: Values, environment: Values = {}): InputSource => ({
  get: (name) => inputs[name],
  environment,
})

/** Parses the first example with other values on top. */
export const parsed = (inputs: Values = {}, environment: Values = {}): Request =>
  parseRequest(source({ ...FIRST, ...inputs }, environment), COMMANDS).request

/** The error of inputs that are expected to be refused. */
export function refused(inputs: Values, environment: Values = {}): InvalidInput {
  try {
    parseRequest(source(inputs, environment), COMMANDS)
  } catch (error) {
    if (error instanceof InvalidInput) return error
    throw error
  }
  throw new Error(`Not refused: ${JSON.stringify(inputs)}`)
}

/** What is wrong with the first example and other values on top. */
export const problems = (inputs: Values, environment: Values = {}): readonly InputProblem[] =>
  refused({ ...FIRST, ...inputs }, environment).problems
