import { credentialsIn } from './credentials'
import { INPUT_NAMES, type InputName, INPUTS } from './inputs'
import { keyValues } from './key-values'
import { isSecretSetting } from './secret-settings'
import { SECRET_VARIABLE } from '../store/outputs'
import type { Environment, InputSource } from './request'

/** What the input and each of its environment variables say, used or not. */
const everywhere = (source: InputSource, name: InputName): readonly (string | undefined)[] => [
  source.get(name),
  ...(INPUTS[name].environment ?? []).map((variable) => source.environment[variable]),
]

/**
 * Everything secret among the raw values: the tokens, wherever they came from, secret settings of the
 * backend, and in any input what is a credential by its form, such as a password in a URL. Reads without validating, so that the front door can mask these before
 * it parses, and before any message could show one.
 *
 * @returns no empty strings and no duplicates; the longest first, to be replaced before their parts
 */
export function secretsOf(source: InputSource): string[] {
  const tokens = INPUT_NAMES.filter((name) => INPUTS[name].secret === true)
    .flatMap((name) => everywhere(source, name))
    // A token pasted with its scheme is refused, but has been seen by then.
    .flatMap((value) => [value, value?.replace(/^\s*(?:token|bearer)\b[\s:]*/i, '')])
  const settings = keyValues(source.get('backend-config') ?? '').pairs
  const found = [
    ...tokens,
    source.environment[SECRET_VARIABLE],
    ...settings.filter(({ key }) => isSecretSetting(key)).map(({ value }) => value),
    ...INPUT_NAMES.flatMap((name) => everywhere(source, name)).flatMap((value) => credentialsIn(value ?? '')),
  ]
    // GitHub's runner masks line by line.
    .flatMap((value) => [value, ...(value?.split(/[\r\n]+/) ?? [])])
    .map((value) => value?.trim() ?? '')
    .filter((value) => value !== '')
  return [...new Set(found)].sort((left, right) => right.length - left.length)
}

/** A variable's value of this length may be a word like `true` as well. */
const SHORTEST = 8

/** The values of an environment's variables that are secrets by their names. */
export function secretsIn(environment: Environment): readonly string[] {
  return Object.entries(environment).flatMap(([name, value = '']) =>
    isSecretSetting(name) && value.length >= SHORTEST ? [value] : [],
  )
}
