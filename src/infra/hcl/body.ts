import { annotate, type CommentLookup } from './annotate'
import { commentLines } from './comments'
import { expressionOf } from './expression'
import { isObject, type JsonObject, type JsonValue } from './json'
import { layout, layoutAssignments, type Assignment } from './layout'
import { own, type BodySchema } from './schema'
import { quote } from './strings'

/** Where a body is: for its indentation, for messages, for the comments on what is in it. */
export interface Place {
  readonly indent: number
  /** Path inside the block, empty at its top: `rule`, `cors_rule[1]`, `lifecycle`. */
  readonly path: string
  /** Name of the block, for messages. */
  readonly name: string
  readonly lookup: CommentLookup
}

interface Nested {
  readonly header: string
  readonly path: string
  readonly schema: BodySchema
  readonly body: JsonObject
}

/** What identifies a thing is what a reader looks for first. */
const LEADING = ['name', 'bucket', 'user', 'role']
/** Meta-arguments, by Terraform's style guide first and set apart. */
const META = ['source', 'version', 'for_each', 'count', 'provider', 'providers']
/** Also by the style guide: these two last. */
const LAST_BLOCK = 'lifecycle'
const LAST_ATTRIBUTE = 'depends_on'
/** Terraform's JSON syntax takes a `//` key in a body as a comment; CDKTF keeps its metadata there. */
const JSON_COMMENT = '//'

/**
 * Prints `header { … }` with everything in it.
 *
 * @throws when a key holds an object and the schema does not say whether that is a block
 */
export function printBlock(header: string, body: JsonObject, schema: BodySchema, place: Place): string {
  const pad = ' '.repeat(place.indent)
  const paragraphs = printBody(body, schema, { ...place, indent: place.indent + 2 })
  return paragraphs.length === 0
    ? `${pad}${header} {}`
    : `${pad}${header} {\n${paragraphs.join('\n\n')}\n${pad}}`
}

/** The attributes of a body and its nested blocks as paragraphs, an empty line between each. */
function printBody(body: JsonObject, schema: BodySchema, place: Place): string[] {
  const keys = Object.keys(body).filter((key) => key !== JSON_COMMENT)
  const sorted = sortKeys(keys, schema)
  const isBlock = (key: string): boolean =>
    own(schema.blocks, key) !== undefined || own(schema.labelled, key) !== undefined
  const attributes = sorted
    .filter((key) => !isBlock(key))
    .map((key) => ({ key, assignment: printAttribute(key, body[key] ?? null, schema, place) }))
  const isMeta = (key: string): boolean =>
    schema.compact !== true && schema.mode !== 'literal' && META.includes(key)
  const isLast = (key: string): boolean => key === LAST_ATTRIBUTE
  const pick = (wanted: (key: string) => boolean): Assignment[] =>
    attributes.filter(({ key }) => wanted(key)).map(({ assignment }) => assignment)

  const main = pick((key) => !isMeta(key) && !isLast(key))
  const nested = sorted.filter(isBlock).flatMap((key) => nestedBlocks(key, body[key] ?? null, schema, place))
  const blocks = nested.map(({ header, path, schema: inner, body: content }) => {
    const comment = place.lookup(path)
    const lines = comment === undefined ? [] : commentLines(comment, place.indent)
    return [...lines, printBlock(header, content, inner, { ...place, path })].join('\n')
  })
  return [
    layoutAssignments(spaceOut(pick(isMeta)), place.indent),
    layoutAssignments(schema.compact === true ? main : spaceOut(main), place.indent),
    ...blocks,
    layoutAssignments(pick(isLast), place.indent),
  ].filter((paragraph) => paragraph !== '')
}

function printAttribute(key: string, value: JsonValue, schema: BodySchema, place: Place): Assignment {
  const path = childPath(place.path, key)
  const name = `${place.name}, ${path}`
  if (!/^[A-Za-z_][\w-]*$/.test(key)) throw new Error(`Cannot print ${name} as HCL: not an attribute name`)
  const isMap = schema.maps === 'any' || (schema.maps?.includes(key) ?? false)
  const mode = own(schema.modes, key) ?? schema.mode ?? 'template'
  if (!isMap && mode !== 'bare' && holdsObject(value)) {
    throw new Error(`Cannot print ${name} as HCL: is it a block or a map? Say so in src/infra/hcl/schema.ts`)
  }
  const expression = annotate(
    describeFailure(name, () => expressionOf(sortEntries(value, schema.mapOrder), mode)),
    path,
    place.lookup,
  )
  const comment = place.lookup(path)
  const text = describeFailure(name, () =>
    layout(expression, place.indent, place.indent + key.length + 3, isObject(value)),
  )
  return comment === undefined ? { key, text } : { key, text, comment }
}

function nestedBlocks(key: string, value: JsonValue, schema: BodySchema, place: Place): Nested[] {
  const path = childPath(place.path, key)
  const labelled = own(schema.labelled, key)
  if (labelled !== undefined) {
    return Object.entries(objectOf(value, place, path)).map(([label, body]) => ({
      header: `${key} ${quote(label)}`,
      path,
      schema: labelled,
      body: objectOf(body, place, path),
    }))
  }
  const inner = own(schema.blocks, key) ?? {}
  const bodies: readonly JsonValue[] = Array.isArray(value) ? (value as readonly JsonValue[]) : [value]
  return bodies.map((body, index) => {
    const itemPath = index === 0 ? path : `${path}[${index}]`
    return { header: key, path: itemPath, schema: inner, body: objectOf(body, place, itemPath) }
  })
}

/** Sets apart what takes several lines or has a comment, and puts it behind the plain attributes. */
function spaceOut(assignments: readonly Assignment[]): Assignment[] {
  const standsAlone = ({ text, comment }: Assignment): boolean => text.includes('\n') || comment !== undefined
  return [
    ...assignments.filter((assignment) => !standsAlone(assignment)),
    ...assignments.filter(standsAlone).map((assignment) => ({ ...assignment, spaced: true })),
  ]
}

function sortKeys(keys: readonly string[], schema: BodySchema): string[] {
  const order = [...(schema.order ?? []), ...(schema.compact === true ? [] : [...META, ...LEADING])]
  const last = (key: string): number => (key === LAST_BLOCK ? 1 : 0)
  return sortBy(keys, order).sort((a, b) => last(a) - last(b))
}

function sortEntries(value: JsonValue, order: readonly string[] = []): JsonValue {
  if (order.length === 0 || !isObject(value)) return value
  return Object.fromEntries(sortBy(Object.keys(value), order).map((key) => [key, value[key] ?? null]))
}

/** Puts the keys that are in `order` first; the others stay as they are. */
function sortBy(keys: readonly string[], order: readonly string[]): string[] {
  const rank = (key: string): number => (order.includes(key) ? order.indexOf(key) : order.length)
  return [...keys].sort((a, b) => rank(a) - rank(b))
}

function holdsObject(value: JsonValue): boolean {
  return Array.isArray(value) ? value.some((item: JsonValue) => holdsObject(item)) : isObject(value)
}

function objectOf(value: JsonValue, place: Place, path: string): JsonObject {
  if (isObject(value)) return value
  throw new Error(`Cannot print ${place.name}, ${path} as HCL: the body of a block has to be an object`)
}

function childPath(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

function describeFailure<T>(name: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw new Error(
      `Cannot print ${name} as HCL: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    )
  }
}
