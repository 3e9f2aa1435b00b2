// Tokens that say by their first letters what they are: GitHub's, Slack's, GitLab's, OpenAI's, npm's, and JSON Web Tokens.
const TOKEN =
  /\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-|sk-|npm_|eyJ[\w-]+\.eyJ)[\w.-]{16,}|-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*/g

// What people call a secret, and the value beside it.
const NAMED =
  /(?:secret|passw(?:or)?d|pwd|token|api.?key|access.?key|bearer|basic)\b["']?\s*[=: ]\s*["']?([^\s"'&;]+)/gi

// Letters of both kinds and digits, as many as of an access key's secret or of a Valohai token.
const OPAQUE = /[A-Za-z0-9+/]{32,}/g

/** The shortest user name in a URL that is taken for a token. */
const SHORTEST_TOKEN = 16

/** Passwords and tokens inside URLs, as written there and decoded; `@` and `/` may be part of one. */
function passwordsIn(text: string): readonly string[] {
  const userInfos = [...text.matchAll(/:\/\/([^\s@]*)@/g), ...text.matchAll(/:\/\/(\S*)@/g)]
  const written = userInfos.flatMap(([, userInfo = '']) => {
    const colon = userInfo.indexOf(':')
    if (colon >= 0) return [userInfo.slice(colon + 1)]
    return userInfo.length >= SHORTEST_TOKEN ? [userInfo] : []
  })
  return written.flatMap((password) => [password, decoded(password)])
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Parts of a text that are credentials by their form, in any input: to be masked. */
export function credentialsIn(text: string): readonly string[] {
  return [...passwordsIn(text), ...(text.match(TOKEN) ?? [])]
}

/** Whether a text may have a credential in it: not to be shown where it is refused. */
export function mayHoldCredential(text: string): boolean {
  const isOpaque = (word: string): boolean => /[a-z]/.test(word) && /[A-Z]/.test(word) && /\d/.test(word)
  return (
    credentialsIn(text).length > 0 || text.search(NAMED) >= 0 || (text.match(OPAQUE) ?? []).some(isOpaque)
  )
}
