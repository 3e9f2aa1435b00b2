import type { DocumentsRequest } from './documents'

/**
 * The generations of the access key that documents write of: the one in use, and that which replaces it; in the
 * middle of a rotation, the two that there are.
 */
export function generationsOf({ own }: Pick<DocumentsRequest, 'own'>): {
  readonly current: number
  readonly next: number
} {
  const given = own.access_key_generations
  const numbers = (Array.isArray(given) ? given : [])
    .map(Number)
    .filter((number) => Number.isSafeInteger(number) && number > 0)
    .sort((a, b) => a - b)
  const [current = 1, next = current + 1] = numbers
  return { current, next }
}
