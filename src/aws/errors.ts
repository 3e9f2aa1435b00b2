/** What the AWS SDK's errors have in common; network errors have the code alone. */
interface AwsErrorShape {
  readonly name: string
  readonly message: string
  readonly $metadata?: { readonly httpStatusCode?: number }
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> }
}

/** AWS's name of an error, e.g. `AccessDenied`; an empty text for what is no error. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : ''
}

/** The HTTP status of a refused request; `undefined` where no answer came. */
export function statusOf(error: unknown): number | undefined {
  return (error as AwsErrorShape | undefined)?.$metadata?.httpStatusCode
}

/** A header of the answer that refused a request. */
export function headerOf(error: unknown, name: string): string | undefined {
  return (error as AwsErrorShape | undefined)?.$response?.headers?.[name]
}

/** An error of AWS's in one line: its name, where that says something, and its message. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { name, message } = error
  return name === 'Error' || message.startsWith(name) || message === ''
    ? message || name
    : `${name}: ${message}`
}

/** The answer; `undefined` where AWS says that there is no such thing. */
export async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (statusOf(error) === 404) return undefined
    throw error
  }
}
