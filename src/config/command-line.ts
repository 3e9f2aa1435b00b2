/**
 * What a parser of command lines says, without the values that were given: any of them may be a secret, in the
 * place of another option or behind a misspelled one. Options keep their names.
 *
 * @param words the command line
 */
export function withoutValues(text: string, words: readonly string[]): string {
  const hidden = words
    .flatMap((word): (readonly [string, string])[] => {
      const [name = ''] = /^(--[A-Za-z][A-Za-z0-9-]*|-[A-Za-z])(?=[=\s]|$)|^-[A-Za-z](?!-)/.exec(word) ?? []
      return [
        [word, name === '' ? '…' : name],
        ...(word.includes('=') ? [[valueOf(word), '…'] as const] : []),
      ]
    })
    .sort(([left], [right]) => right.length - left.length)
  return hidden.reduce((shown, [word, instead]) => shown.replaceAll(`'${word}'`, `'${instead}'`), text)
}

const valueOf = (word: string): string => word.slice(word.indexOf('=') + 1)
