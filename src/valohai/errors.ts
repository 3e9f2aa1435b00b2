/** One thing that Valohai, or the way to it, did not accept. */
export interface Problem {
  /** Path of the field, e.g. `configuration.access_key_id`; none where it is about the request as a whole. */
  readonly field?: string
  readonly message: string
  /** The API's own code, e.g. `unique`. */
  readonly code?: string
}

/** What is known of an error besides its message. */
export interface ErrorDetails {
  /** HTTP status; none where no answer came. */
  readonly status?: number
  readonly problems?: readonly Problem[]
  /** Whether Valohai said of a write that it did not do it, and nothing of it was sent before. */
  readonly isRefusal?: boolean
}

/** A failure of Valohai's API or on the way to it. Holds no secret and no raw answer. */
export class ValohaiError extends Error {
  override readonly name = 'ValohaiError'
  readonly status: number | undefined
  readonly problems: readonly Problem[]
  /** Whether Valohai said of a write that it did not do it, and nothing of it was sent before. */
  readonly isRefusal: boolean

  constructor(message: string, details: ErrorDetails = {}) {
    super(message)
    this.status = details.status
    this.problems = details.problems ?? []
    this.isRefusal = details.isRefusal ?? false
  }

  /** The same, where something of it was done all the same. */
  afterWrite(): ValohaiError {
    return new ValohaiError(this.message, { ...statusOf(this), problems: this.problems })
  }
}

/** The same failure, told with what was being done; `advice` says what a person can do now. */
export function failed(what: string, error: unknown, advice?: string): ValohaiError {
  const cause = error instanceof Error ? error.message : String(error)
  const message = `Failed to ${what}: ${cause}${advice === undefined ? '' : `\n${advice}`}`
  return error instanceof ValohaiError
    ? new ValohaiError(message, {
        ...statusOf(error),
        problems: error.problems,
        isRefusal: error.isRefusal,
      })
    : new ValohaiError(message)
}

function statusOf(error: ValohaiError): { status?: number } {
  return error.status === undefined ? {} : { status: error.status }
}

/** Whether the server said that it does not do this at all, so that another method is worth a try. */
export function isRefusedMethod(error: unknown): boolean {
  return error instanceof ValohaiError && [404, 405, 501].includes(error.status ?? 0)
}

/**
 * Whether a write may have been done though it failed: no answer, a 5xx, or an answer that is a
 * success and cannot be read. 501 says that nothing was done.
 */
export function isOutcomeUnknown(error: unknown): boolean {
  if (!(error instanceof ValohaiError)) return false
  const { status } = error
  return status === undefined || (status >= 500 && status !== 501) || (status >= 200 && status < 300)
}

/** Keys that name the error and not a field of the request. */
const TRANSPARENT = new Set(['detail', 'error', 'errors', 'message', 'non_field_errors'])
const MAX_DEPTH = 8
const MAX_PROBLEMS = 20
const MAX_LENGTH = 500

/**
 * Flattens every shape of error the API is known to use, nested and listed, to one problem a line:
 * `{detail}`, `{error}`, `{message, code}`, `{non_field_errors: [...]}`, `{field: [{message, code}]}`.
 * Text that holds none of it gives an empty list.
 */
export function flattenProblems(body: unknown): Problem[] {
  return walk(body, undefined, 0).slice(0, MAX_PROBLEMS)
}

function walk(value: unknown, field: string | undefined, depth: number): Problem[] {
  if (depth > MAX_DEPTH) return []
  if (typeof value === 'string') return value.trim() === '' ? [] : [problem(value, field)]
  if (Array.isArray(value)) return value.flatMap((item) => walk(item, field, depth + 1))
  if (typeof value !== 'object' || value === null) return []

  const { code, ...rest } = value as Record<string, unknown>
  const told = Object.entries(rest).flatMap(([key, item]) => {
    const path = TRANSPARENT.has(key) ? field : field === undefined ? key : `${field}.${key}`
    const found = walk(item, path, depth + 1)
    // A code belongs to the text beside it, not to what is nested in the same object.
    const owned = TRANSPARENT.has(key) && typeof item === 'string' && isCode(code)
    return owned ? found.map((one) => ({ ...one, code: String(code) })) : found
  })
  if (told.length > 0 && isCode(code)) return told
  // Without a text beside it, `code` is what there is to tell.
  return [...told, ...walk(code, field === undefined ? 'code' : `${field}.code`, depth + 1)]
}

function isCode(code: unknown): code is string | number {
  return typeof code === 'string' || typeof code === 'number'
}

function problem(message: string, field: string | undefined): Problem {
  return { ...(field === undefined ? {} : { field }), message }
}

/** One line without control characters (an answer must not forge log lines), of a bounded length. */
export function oneLine(text: string): string {
  // eslint-disable-next-line no-control-regex
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\s]+/g, ' ').trim()
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH)}…` : line
}

/** `name: Already taken (unique)` */
export function formatProblem({ field, message, code }: Problem): string {
  return `${field === undefined ? '' : `${field}: `}${message}${code === undefined ? '' : ` (${code})`}`
}
