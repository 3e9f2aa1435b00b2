import { LONGEST_STORE_NAME } from '../store/names'
import { lines } from './lines'
import { invalid, type Parser, show, valid } from './problems'

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
// An owner may name a team of an organization: `acme:vision`.
const OWNER_AND_NAME = /^[\p{L}\p{N}_.@+:-]+\/[\p{L}\p{N}_.@+-]+$/u

/** Valohai's own installation. */
export const DEFAULT_ORIGIN = 'https://app.valohai.com'

/** A project by its owner and name, or by its UUID (returned in lowercase). */
export const valohaiProject: Parser<string> = (text) => {
  if (UUID.test(text)) return valid(text.toLowerCase())
  // Addresses in the web app have the project behind `/p/`.
  const inside = /^(?:[a-z]+:\/\/[^/]+|[a-z0-9-]+(?:\.[a-z0-9-]+)+)?\/?p\/([^/?#]+\/[^/?#]+)/i.exec(text)?.[1]
  if (inside !== undefined && OWNER_AND_NAME.test(inside)) {
    return invalid(`${show(text)} is an address in the web app`, `Write "${inside}"`)
  }
  if (OWNER_AND_NAME.test(text)) return valid(text)
  return invalid(
    `${show(text)} is neither owner/name nor a UUID`,
    'Write it as in the address bar behind /p/, for example "acme/churn-model"',
  )
}

/** Projects, one a line; one at least. */
export const valohaiProjects: Parser<readonly [string, ...string[]]> = (text) => {
  const parsed = lines(valohaiProject)(text)
  if (!('value' in parsed)) return parsed
  const [first, ...others] = parsed.value
  return first === undefined
    ? invalid('It has comments alone', 'Write one project a line, for example "acme/churn-model"')
    : valid([first, ...others])
}

/** An API token as it goes into an HTTP header. No finding shows any part of it. */
export const valohaiToken: Parser<string> = (text) => {
  if (/^(?:token|bearer)\b[\s:]/i.test(text)) {
    return invalid(
      'The value begins with an authorization scheme',
      'Give the token alone, without "Token" or "Bearer"',
    )
  }
  if (/[\s\p{Cc}]/u.test(text)) {
    return invalid(
      'The value has spaces, line breaks or control characters',
      'Copy the token again, as one word, and store it again as a secret',
    )
  }
  if (!/^[\x21-\x7e]+$/.test(text)) {
    return invalid(
      'The value has characters that no token has',
      "Create a token under My Profile, Authentication in Valohai's web app and copy it from there",
    )
  }
  return valid(text)
}

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.[0-9]{1,3}){3}$/.test(hostname)

/** The origin of an installation: https, or http where the token does not leave the machine. */
export const valohaiOrigin: Parser<string> = (text) => {
  const example = 'Write the origin alone, for example https://app.valohai.com'
  const url = URL.canParse(text) ? new URL(text) : null
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) {
    const host = /^[a-z0-9.-]+(?::[0-9]+)?$/i.test(text.replace(/\/$/, ''))
    const fix = host ? `Write https://${text.replace(/\/$/, '')}` : example
    return invalid('The value has no scheme', fix)
  }
  if (url === null) return invalid('The value is not a URL', example)
  // Not shown from here on before this check: what stands before the @ may be a password.
  if (url.username !== '' || url.password !== '') {
    return invalid(
      'The URL has a user name or password in it',
      'Leave them out; the token is an input of its own',
    )
  }
  const safe = url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))
  if (!safe) {
    const fix = url.protocol === 'http:' ? `Write https://${url.host}` : example
    return invalid(
      `${show(`${url.protocol}//${url.host}`)} is not https, which would send the token in the clear`,
      fix,
    )
  }
  if (text.includes('?') || text.includes('#')) {
    return invalid('The URL has a query or a fragment', `Write ${url.origin}`)
  }
  if (url.pathname !== '/') return invalid('The URL has a path', `Write ${url.origin}`)
  return valid(url.origin)
}

/** Name of a store: 1 to 64 characters, all of them printable. */
export const storeName: Parser<string> = (text) => {
  const fix = `Write 1 to ${LONGEST_STORE_NAME} printable characters on one line`
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(text)) {
    return invalid(`${show(text)} has line breaks or control characters`, fix)
  }
  const length = Array.from(text).length
  return length > LONGEST_STORE_NAME
    ? invalid(`${show(text)} is ${length} characters long`, fix)
    : valid(text)
}
