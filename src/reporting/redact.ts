/** Replaces secrets in texts, longest first, so that a secret that contains another leaves no rest of it. */
export class Redactor {
  #secrets: string[] = []

  /** From here on `secret` is replaced. Empty texts are ignored. */
  public add(secret: string): void {
    if (secret === '' || this.#secrets.includes(secret)) return
    this.#secrets = [...this.#secrets, secret].sort((a, b) => b.length - a.length)
  }

  /** `text` with every known secret as `***`. */
  public redact(text: string): string {
    return this.#secrets.reduce((result, secret) => result.replaceAll(secret, '***'), text)
  }
}
