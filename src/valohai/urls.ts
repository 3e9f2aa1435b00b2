import { ValohaiError } from './errors'
import type { Project, Store } from '../decide/observed'

/** The address of a path of the API, e.g. `users/me/` or `stores/?limit=100`, on the configured origin. */
export function apiUrl(origin: string, path: string): URL {
  const [pathname = '', search = ''] = path.split('?', 2)
  return onOrigin(origin, { pathname: `/api/v0/${pathname}`, search })
}

/**
 * Puts path and query on the origin. Through the setters and not by joining strings: the path
 * `//evil.example/` or `.evil.example/` would otherwise become another host.
 */
function onOrigin(origin: string, { pathname, search }: Pick<URL, 'pathname' | 'search'>): URL {
  const url = new URL(origin)
  url.pathname = pathname
  url.search = search
  return url
}

/**
 * The next page of a list. Of the link only path and query are kept: behind a proxy it may name an
 * internal host, and the token goes to the configured one alone.
 */
export function nextPage(origin: string, next: unknown): URL | undefined {
  if (next === null || next === undefined || next === '') return undefined
  if (typeof next !== 'string' || !URL.canParse(next, origin)) {
    throw new ValohaiError('Valohai answered with a list whose link to the next page is no URL')
  }
  return onOrigin(origin, new URL(next, origin))
}

/**
 * Where a redirected request may go on: for a GET on the same origin. Everything else throws
 * `ValohaiError`, with the origin that is probably meant: the token is not sent there unasked.
 */
export function redirectTarget(method: string, from: URL, location: string | undefined, status: number): URL {
  const to = location !== undefined && URL.canParse(location, from.href) ? new URL(location, from) : undefined
  if (!to) {
    throw new ValohaiError(`Valohai redirected ${from.pathname} without saying where`, { status })
  }
  if (to.origin !== from.origin) {
    throw new ValohaiError(
      `${from.origin} redirects to ${to.origin}, and the token is not sent to another origin. ` +
        `If ${to.origin} is your Valohai, set \`valohai-url\` to ${to.origin}`,
      { status },
    )
  }
  if (method !== 'GET') {
    throw new ValohaiError(
      `Valohai redirected ${method} ${from.pathname} to ${to.pathname}, and a write is not redirected. ` +
        `Check that \`valohai-url\` (${from.origin}) is the address Valohai itself uses`,
      { status },
    )
  }
  return onOrigin(from.origin, to)
}

/**
 * A page of the web UI where a person finds the store: what the API says, else the project's data
 * stores. That last path is not documented by Valohai (only `…/settings/repository/` is, the page
 * beside it); it is a link to click on, and nothing depends on it.
 */
export function storeUrl(origin: string, project: Project, store: Pick<Store, 'displayUrl'>): string {
  const { owner, name } = project
  const display = link(origin, store.displayUrl)
  if (display !== undefined) return display
  const page =
    link(origin, project.displayUrl) ??
    `${origin}/p/${encodeURIComponent(owner.username)}/${encodeURIComponent(name)}/`
  return new URL('settings/data-stores/', page.endsWith('/') ? page : `${page}/`).href
}

/** An absolute web address, or nothing: a page that is shown as a link must not be anything else. */
function link(origin: string, display: string | undefined): string | undefined {
  if (display === undefined || display === '' || !URL.canParse(display, origin)) return undefined
  const url = new URL(display, origin)
  return /^https?:$/.test(url.protocol) ? url.href : undefined
}
