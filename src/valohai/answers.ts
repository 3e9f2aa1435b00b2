import type { Redactor } from '../reporting/redact'
import { flattenProblems, formatProblem, oneLine, ValohaiError, type Problem } from './errors'

/** A whole answer of the server. */
export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

/** What an error message needs to know of the request. */
export interface AnswerContext {
  readonly origin: string
  /** e.g. `users/me/` */
  readonly path: string
  /** Knows the texts that must not appear in a message. */
  readonly redactor: Redactor
}

/**
 * The JSON of a successful answer; `undefined` where it is empty.
 * Throws `ValohaiError` where it is something else: then another program answered.
 */
export function successBody(answer: Answer, { origin }: AnswerContext): unknown {
  if (answer.body.trim() === '') return undefined
  try {
    return JSON.parse(answer.body) as unknown
  } catch {
    throw new ValohaiError(
      `${origin} did not answer as Valohai's API (HTTP ${answer.status}, not JSON). ` +
        'Check `valohai-url`: it is the address of the web app, e.g. https://app.valohai.com',
      { status: answer.status },
    )
  }
}

/**
 * The error for an answer that is no success: one readable line a problem, and for 401, 403 and 404 the
 * likely cause and its fix. The secrets are redacted before anything is cut, so that none stays in part.
 */
export function answerError(
  answer: Answer,
  context: AnswerContext,
  { isRefusal = false }: { isRefusal?: boolean } = {},
): ValohaiError {
  const { status } = answer
  const problems = problemsOf(answer).map((problem) => clean(problem, context.redactor))
  const likely = likelyCause(status, context)
  const lines = problems.map(formatProblem)
  const [only] = lines
  const told =
    lines.length === 1 && only !== undefined
      ? `${only}${only.includes(`HTTP ${status}`) ? '' : ` (HTTP ${status})`}`
      : `Valohai refused it (HTTP ${status})${lines.map((line) => `\n  - ${line}`).join('')}`
  return new ValohaiError(likely === undefined ? told : `${told}\n${likely}`, {
    status,
    problems,
    // Too late and too often say nothing of what was sent.
    isRefusal: isRefusal && status >= 400 && status < 500 && status !== 408 && status !== 429,
  })
}

function problemsOf({ status, contentType, body }: Answer): Problem[] {
  const text = body.trim()
  if (/\bhtml\b/i.test(contentType) || text.startsWith('<')) {
    return [
      { message: `${status >= 500 ? 'Internal error' : 'A web page instead of an answer'} (HTTP ${status})` },
    ]
  }
  return flattenProblems(parsed(text))
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

function clean({ field, message, code }: Problem, redactor: Redactor): Problem {
  const plain = (text: string): string => oneLine(redactor.redact(text))
  return {
    ...(field === undefined ? {} : { field: plain(field) }),
    message: plain(message),
    ...(code === undefined ? {} : { code: plain(code) }),
  }
}

const EXPIRED =
  'The token is wrong, revoked or expired (an organization can cap the life of tokens). ' +
  'Create a new one in Valohai under My Profile > Authentication and put it in `valohai-token`'

function likelyCause(status: number, { origin, path }: AnswerContext): string | undefined {
  const isTokenCheck = path.startsWith('users/me')
  if (status === 401 || (status === 403 && isTokenCheck)) return `${EXPIRED}; it must be a token of ${origin}`
  if (status === 403) {
    return (
      "The token's user has no access to this, or may look but not change. " +
      'Give that user access to the project with the right to change its settings, or use the token of someone who has it'
    )
  }
  if (status === 404 && isTokenCheck) {
    return `${origin} has no Valohai API: check the host in \`valohai-url\``
  }
  if (status === 404) {
    return (
      `Either it does not exist at ${origin}, or the token's user has no access to it, or \`valohai-url\` names the wrong host. ` +
      'Check all three; Valohai does not tell them apart'
    )
  }
  return undefined
}
