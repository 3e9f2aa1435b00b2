import { closest } from './closest'
import { invalid, type Parser, show, valid } from './problems'
import { partitionOf, PLACES } from '../store/regions'

/** The region somebody meant by a place, another spelling, an availability zone, or a typo. */
function meant(text: string): string | undefined {
  const words = text.toLowerCase().replace(/\s+/g, ' ')
  // The console writes `Europe (Ireland) eu-west-1`, the SDK `Europe (Ireland)`.
  const place = /\(([^)]+)\)/.exec(words)?.[1] ?? words
  const byPlace = Object.entries(PLACES).find(([, names]) => names.includes(place) || names.includes(words))
  if (byPlace !== undefined) return byPlace[0]
  const code = words
    .replace(/[\s_.]+/g, '-')
    .replace(/([a-z])([0-9]+)/g, '$1-$2')
    .replace(/([0-9])-?[a-f]$/, '$1')
    .replace(/-+/g, '-')
  return partitionOf(code) === undefined ? closest(code, Object.keys(PLACES)) : code
}

/** The code of an AWS region, in any partition. */
export const regionCode: Parser<string> = (text) => {
  if (partitionOf(text) !== undefined) return valid(text)
  const region = meant(text)
  const zone = /^[a-z-]+-[0-9]+[a-z]$/.test(text) && region !== undefined
  return invalid(
    `${show(text)} is ${zone ? 'an availability zone, not a region' : 'not the code of an AWS region'}`,
    region === undefined ? 'Write a region\'s code, for example "eu-west-1"' : `Write "${region}"`,
  )
}
