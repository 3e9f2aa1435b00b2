/** Replaces secrets in texts, longest first, so that a secret that contains another leaves no rest of it. */
export class Redactor {
  #forms: string[] = []

  /**
   * From here on `secret` is replaced, also as it looks in base64, in a URL, in JSON and in HTML: the secrets of
   * AWS hold `/` and `+`, which the last three may escape. Empty texts are ignored.
   */
  public add(secret: string): void {
    if (secret === '' || this.#forms.includes(secret)) return
    const forms = new Set([...this.#forms, ...formsOf(secret)])
    this.#forms = [...forms].sort((a, b) => b.length - a.length)
  }

  /** `text` with every known secret as `***`. */
  public redact(text: string): string {
    return this.#forms.reduce((result, form) => result.replaceAll(form, '***'), text)
  }
}

const HTML: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#x27;',
}

function formsOf(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1)
  const html = secret.replaceAll(/[&<>"']/g, (character) => HTML[character] ?? character)
  // With and without what fills it up.
  const base64 = Buffer.from(secret).toString('base64')
  return [
    secret,
    base64,
    base64.replace(/=+$/, ''),
    // By way of bytes, as half a surrogate pair would throw.
    encodeURIComponent(Buffer.from(secret).toString()),
    json,
    json.replaceAll('/', '\\/'),
    html,
    html.replaceAll('/', '&#x2F;').replaceAll('+', '&#x2B;'),
  ]
}
