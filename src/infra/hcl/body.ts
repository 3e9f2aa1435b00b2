import { isObject, type JsonObject, type JsonValue } from '../../store/json'
import { NESTED } from './known'
import { layout, layoutAssignments, type Assignment, type PrintString } from './layout'
import { quote, template } from './strings'

/** Where a body is: for its indentation, for messages, for the comments on what is in it. */
export interface Place {
  readonly indent: number
  /** Type of the top-level block: `resource`, `variable`, … */
  readonly type: string
  /** Path inside the block, empty at its top: `rule`, `lifecycle`. */
  readonly path: string
  /** Name of the block, for messages. */
  readonly name: string
  /** Gives the comment for a path. */
  readonly lookup: (path: string) => string | undefined
}

/** What a reader looks for first, `lifecycle` last; the other keys stay in their order. */
const ORDER =
  'description type default value condition id status filter name bucket user role * lifecycle'.split(' ')
/** By Terraform's style guide the first and the last in a resource, set apart. */
const META = 'for_each'
const LAST = 'depends_on'
/** JSON to AWS, objects to a reader. */
const POLICIES = new Set(['policy', 'assume_role_policy'])
/** Nested blocks with a label, which is a key in JSON. */
const LABELLED = new Set(['backend', 'dynamic'])
/** Attributes that hold references rather than strings. */
const REFERENCES = new Set([LAST, 'ignore_changes', 'replace_triggered_by'])

/**
 * Prints `header { … }` with everything in it.
 *
 * @param comments lines that come first inside, as they are
 * @throws when a key holds an object that is known as no block and no policy
 */
export function printBlock(
  header: string,
  body: JsonObject,
  place: Place,
  comments: readonly string[] = [],
): string {
  const pad = ' '.repeat(place.indent)
  const paragraphs = [comments.join('\n'), ...printBody(body, { ...place, indent: place.indent + 2 })].filter(
    (paragraph) => paragraph !== '',
  )
  return `${pad}${header} {${paragraphs.length === 0 ? '' : `\n${paragraphs.join('\n\n')}\n${pad}`}}`
}

/** The attributes of a body and its nested blocks as paragraphs, an empty line between each. */
function printBody(body: JsonObject, place: Place): string[] {
  const rank = (key: string): number => ORDER.indexOf(ORDER.includes(key) ? key : '*')
  const entries = Object.entries(body).sort(([a], [b]) => rank(a) - rank(b))
  const attributes = entries
    .filter(([key]) => !NESTED.has(key))
    .map(([key, value]) => printAttribute(key, value, place))
  // People write variables and outputs without empty lines.
  const compact = place.type === 'variable' || place.type === 'output'
  const named = (name: string): Assignment[] => attributes.filter(({ key }) => key === name)
  const standsAlone = ({ text, comment }: Assignment): boolean =>
    !compact && (text.includes('\n') || comment !== undefined)
  const main = attributes.filter(({ key }) => key !== META && key !== LAST)
  const paragraphs = [
    named(META),
    main.filter((attribute) => !standsAlone(attribute)),
    ...main.filter(standsAlone).map((attribute) => [attribute]),
  ]
  return [
    ...paragraphs.map((paragraph) => layoutAssignments(paragraph, place.indent)),
    ...entries.filter(([key]) => NESTED.has(key)).flatMap(([key, value]) => printNested(key, value, place)),
    layoutAssignments(named(LAST), place.indent),
  ]
}

function printAttribute(key: string, value: JsonValue, place: Place): Assignment {
  const path = childPath(place, key)
  if (!/^[A-Za-z_][\w-]*$/.test(key)) fail(path, 'not an attribute name', place)
  const comment = place.lookup(path)
  const print = stringsOf(key, place)
  if (POLICIES.has(key) && typeof value === 'string' && place.type === 'resource') {
    const policy = layout(JSON.parse(value) as JsonValue, print, place.indent, 0, true)
    return { key, text: `jsonencode(${policy})`, comment }
  }
  if (place.type === 'resource' && holdsObject(value)) fail(path, 'is it a block or a map?', place)
  const column = place.indent + key.length + ' = '.length
  return { key, text: layout(value, print, place.indent, column, isObject(value)), comment }
}

/** How Terraform reads the strings of a key: as references, as text that stands for itself, or as templates. */
function stringsOf(key: string, { type, path }: Place): PrintString {
  if (REFERENCES.has(key) || (type === 'variable' && key === 'type')) return (text) => text
  const isText =
    type === 'terraform' ||
    type === 'module' ||
    (type === 'variable' && path === '') ||
    (type === 'output' && key === 'description')
  return isText ? quote : template
}

function printNested(key: string, value: JsonValue, place: Place): string[] {
  const inside = { ...place, path: childPath(place, key) }
  if (Array.isArray(value)) return value.flatMap((body: JsonValue) => printNested(key, body, place))
  if (!isObject(value)) return fail(inside.path, 'the body of a block has to be an object', place)
  if (!LABELLED.has(key)) return [printBlock(key, value, inside)]
  return Object.entries(value).map(([label, body]) =>
    printBlock(`${key} ${quote(label)}`, body as JsonObject, inside),
  )
}

function holdsObject(value: JsonValue): boolean {
  return Array.isArray(value) ? value.some((item: JsonValue) => holdsObject(item)) : isObject(value)
}

function childPath({ path }: Place, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

function fail(path: string, problem: string, { name }: Place): never {
  throw new Error(`Cannot print ${name}, ${path} as HCL: ${problem}`)
}
