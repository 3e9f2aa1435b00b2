const SECRET_KEY = /secret|password|token/i

/** The secret texts in a request's body: every string under a key that names a secret. */
export function secretsIn(body: unknown): string[] {
  if (typeof body !== 'object' || body === null) return []
  return Object.entries(body).flatMap(([key, value]: [string, unknown]) =>
    typeof value === 'string' ? (SECRET_KEY.test(key) ? [value] : []) : secretsIn(value),
  )
}

/**
 * Replaces every occurrence of every secret by `***`, also as it looks in a URL, in HTML and in JSON:
 * the secrets of AWS hold `/` and `+`, which all three may escape.
 */
export function redact(text: string, secrets: Iterable<string>): string {
  const forms = [...secrets]
    .filter((secret) => secret !== '')
    .flatMap((secret) => [
      secret,
      encodeURIComponent(secret),
      secret.replaceAll('/', '\\/'),
      secret.replaceAll('/', '&#x2F;').replaceAll('+', '&#x2B;'),
    ])
  // The longest first: a secret that holds another one would otherwise be left in part.
  return [...new Set(forms)]
    .sort((a, b) => b.length - a.length)
    .reduce((redacted, form) => redacted.replaceAll(form, () => '***'), text)
}
