import { STATE_TAG } from '../store/names'
import { type KeyValue, keyValues, repeated } from './key-values'
import { type Finding, type Parser, show, valid } from './problems'

// The strictest of S3's and IAM's limits, since every resource gets the same tags.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_Tag.html
// And one is the run's own, which names its state.
const MOST_TAGS = 49
const LONGEST_KEY = 128
const LONGEST_VALUE = 256
const ALLOWED = /^[\p{L}\p{N}\p{Zs}_.:/=+\-@]*$/u
const CHARACTERS = 'Use letters, digits, spaces and _ . : / = + - @ alone'

const length = (text: string): number => Array.from(text).length

function faults({ line, key, value }: KeyValue): readonly Finding[] {
  const findings: Finding[] = []
  const add = (problem: string, fix: string): void => {
    findings.push({ problem: `Line ${line}: ${problem}`, fix })
  }
  if (length(key) > LONGEST_KEY) {
    add(`the key is ${length(key)} characters long`, `Shorten it to ${LONGEST_KEY}`)
  }
  if (length(value) > LONGEST_VALUE) {
    add(`the value of ${show(key)} is ${length(value)} characters long`, `Shorten it to ${LONGEST_VALUE}`)
  }
  if (/^aws:/i.test(key))
    add(`the key ${show(key)} begins with "aws:", which AWS reserves`, 'Choose another key')
  if (key.toLowerCase() === STATE_TAG) {
    add(`the key ${show(key)} is a run's own, which names its state`, 'Choose another key')
  }
  if (/^aws:/i.test(value)) {
    add(`the value of ${show(key)} begins with "aws:", which AWS reserves`, 'Choose another value')
  }
  if (!ALLOWED.test(key)) add(`the key ${show(key)} has characters that tags may not have`, CHARACTERS)
  if (!ALLOWED.test(value)) {
    const several = /,\s*[^,=]+=/.test(value)
    add(
      `the value of ${show(key)} has characters that tags may not have`,
      several ? 'Write one key=value a line, not several with commas' : CHARACTERS,
    )
  }
  return findings
}

/** Tags that both S3 and IAM take, one `key=value` a line. */
export const tagMap: Parser<Readonly<Record<string, string>>> = (text) => {
  const { pairs, findings } = keyValues(text)
  const all = [
    ...findings,
    ...pairs.flatMap(faults),
    // IAM's keys are the same in capitals and small letters; S3's are not, and both get these tags.
    ...repeated(pairs, (key) => key.toLowerCase()).map(({ pair, earlier }) => ({
      problem: `Line ${pair.line}: the key ${show(pair.key)} is also on line ${earlier.line}, as ${show(earlier.key)}`,
      fix: 'Keep one of them: to IAM, keys that differ in capitals only are the same',
    })),
  ]
  if (pairs.length > MOST_TAGS) {
    all.push({
      problem: `There are ${pairs.length} tags`,
      fix: `Keep ${MOST_TAGS}: AWS allows 50, and one is a run's own`,
    })
  }
  return all.length > 0
    ? { findings: all }
    : valid(Object.fromEntries(pairs.map(({ key, value }) => [key, value])))
}
