import { closest } from './closest'
import { invalid, listed, type Parser, show, valid } from './problems'

const YES = ['yes', 'y', 'on', '1', 'enabled']
const NO = ['no', 'n', 'off', '0', 'disabled']

/** A text that is taken as it is. */
export const anyText: Parser<string> = valid

/** `true` or `false` in any case. Nothing else: `yes` taken for `false` would be a silent surprise. */
export const boolean: Parser<boolean> = (text) => {
  const word = text.toLowerCase()
  if (word === 'true' || word === 'false') return valid(word === 'true')
  const meant = YES.includes(word) ? 'true' : NO.includes(word) ? 'false' : undefined
  return invalid(`${show(text)} is neither true nor false`, `Write ${meant ?? 'true or false'}`)
}

/** One of a few words. */
export function choice<const T extends string>(words: readonly T[]): Parser<T> {
  return (text) => {
    const found = words.find((word) => word === text)
    if (found !== undefined) return valid(found)
    const near = closest(text, words)
    const hint = near === undefined ? '' : `Did you mean "${near}"? `
    return invalid(`${show(text)} is not one of the choices`, `${hint}Write ${listed(words, 'or')}`)
  }
}

/** A whole number in plain digits. `1e3`, `7 days` and `-1` are typos here, not numbers. */
export function wholeNumber(unit: string, least: number, most: number): Parser<number> {
  const fix = `Write a whole number of ${unit} from ${least} to ${most}, in digits alone`
  return (text) => {
    if (!/^(?:0|[1-9][0-9]*)$/.test(text)) return invalid(`${show(text)} is not a whole number`, fix)
    const number = Number(text)
    if (number < least || number > most) {
      return invalid(`${show(text)} is not between ${least} and ${most}`, fix)
    }
    return valid(number)
  }
}
