import * as v from 'valibot'
import { ValohaiError } from './errors'
import type { DefaultStore, Project, Store } from '../decide/observed'

const Id = v.union([v.pipe(v.string(), v.nonEmpty()), v.number()])
const IdCarrier = v.looseObject({ id: Id })

/**
 * The id in any of the shapes the API uses: a string, a number, or an object with an `id`.
 * Returns `undefined` for everything else, null and the empty string included.
 */
export function idOf(value: unknown): string | undefined {
  if (v.is(Id, value)) return String(value)
  return v.is(IdCarrier, value) ? String(value.id) : undefined
}

const Text = v.fallback(v.optional(v.string()), undefined)
const Shape = v.fallback(v.record(v.string(), v.unknown()), {})

const ProjectAnswer = v.looseObject({
  id: Id,
  name: v.string(),
  owner: v.looseObject({ id: v.number(), username: v.string() }),
  description: Text,
  urls: Shape,
})

const StoreAnswer = v.looseObject({
  id: Id,
  name: v.string(),
  type: v.string(),
  deleted: v.fallback(v.boolean(), false),
  mtime: Text,
  urls: Shape,
  configuration: Shape,
})

/** None of these occurs in a bucket's name, a region, an ARN or a key's id. */
const MASK = /[*•●…<>[\]]|\.\.\./
/** A masked key id, besides. Real ones are upper case; a bucket's name, though, may end this way. */
const MASKED_KEY = /x{4,}$|^X+$/

/** The text a configuration key holds; `undefined` where it is missing, null, or masked. */
function shown(configuration: Record<string, unknown>, key: string): string | undefined {
  const value = configuration[key]
  return typeof value === 'string' && !MASK.test(value) ? value : undefined
}

function filled(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}

function accessKeyOf(configuration: Record<string, unknown>): string | undefined {
  const id = filled(shown(configuration, 'access_key_id'))
  return id === undefined || MASKED_KEY.test(id) ? undefined : id
}

/** Not our configuration and not ours to decide; teams and paths are lists the API gives in full. */
const ACCESS_FIELDS = ['access_mode', 'allow_read', 'allow_write', 'allow_uri_download', 'teams', 'paths']

function accessOf(answer: Record<string, unknown>): Record<string, unknown> {
  const told = ACCESS_FIELDS.filter((field) => answer[field] !== undefined && answer[field] !== null)
  return Object.fromEntries(
    told.map((field) => [field, field === 'teams' ? teamIds(answer[field]) : answer[field]]),
  )
}

function teamIds(teams: unknown): unknown {
  return Array.isArray(teams) ? teams.map((team: unknown) => idOf(team) ?? team) : teams
}

/** Ours to set, or secret. Everything else in a configuration is somebody's choice. */
const NOT_THEIRS =
  /^(bucket|region|access_key_id|multipart_upload_iam_role|kms_key_arn)$|secret|password|token|credential|_key$/

/** The options that people set, which a server that replaces the whole configuration would lose. */
function optionsOf(configuration: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(configuration).filter(
      ([name, value]) =>
        !NOT_THEIRS.test(name) && value !== null && !(typeof value === 'string' && MASK.test(value)),
    ),
  )
}

function defaultStoreOf(answer: Record<string, unknown>): DefaultStore {
  if (!('default_store' in answer)) return { known: false }
  const value = answer.default_store
  if (value === null || value === '') return { known: true, id: null }
  const id = idOf(value)
  return id === undefined ? { known: false } : { known: true, id }
}

/** Leaves out what is undefined, as exact optional properties want it. */
function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}

/**
 * A project from `GET projects/`, or `undefined` where the answer is none: in a list, one strange
 * entry must not hide the others.
 */
export function tryProject(answer: unknown): Project | undefined {
  const parsed = v.safeParse(ProjectAnswer, answer)
  if (!parsed.success) return undefined
  const { id, name, description, owner, urls } = parsed.output
  return {
    id: String(id),
    name,
    description: description ?? '',
    owner: { id: owner.id, username: owner.username },
    defaultStore: defaultStoreOf(parsed.output),
    ...defined({
      displayUrl: v.is(v.string(), urls.display) ? urls.display : undefined,
      uploadStoreId: idOf(parsed.output.upload_store_id),
    }),
  }
}

/** A project from `GET projects/{id}/`. Throws `ValohaiError` where the answer lacks an essential field. */
export function parseProject(answer: unknown): Project {
  const project = tryProject(answer)
  if (!project) throw new ValohaiError('Valohai answered with a project that has no id, name or owner')
  return project
}

/** A store from `GET stores/`, or `undefined` where the answer is none; see `tryProject`. */
export function tryStore(answer: unknown): Store | undefined {
  const parsed = v.safeParse(StoreAnswer, answer)
  if (!parsed.success) return undefined
  const { id, name, type, deleted, mtime, urls, configuration } = parsed.output
  const written = new Date(mtime ?? Number.NaN)
  return {
    id: String(id),
    name,
    type,
    deleted,
    access: accessOf(parsed.output),
    options: optionsOf(configuration),
    ...defined({
      projectId: idOf(parsed.output.project),
      ownerId: idOf(parsed.output.owner),
      bucket: filled(shown(configuration, 'bucket')),
      region: filled(shown(configuration, 'region')),
      accessKeyId: accessKeyOf(configuration),
      multipartRoleArn: shown(configuration, 'multipart_upload_iam_role'),
      kmsKeyArn: shown(configuration, 'kms_key_arn'),
      mtime: Number.isNaN(written.getTime()) ? undefined : written,
      displayUrl: v.is(v.string(), urls.display) ? urls.display : undefined,
    }),
  }
}

/** A store from `GET stores/{id}/`. Throws `ValohaiError` where the answer lacks an essential field. */
export function parseStore(answer: unknown): Store {
  const store = tryStore(answer)
  if (!store) throw new ValohaiError('Valohai answered with a store that has no id, name or type')
  return store
}
