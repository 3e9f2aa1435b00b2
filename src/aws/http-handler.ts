import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { loadConfig } from '@smithy/core/config'
import { buildQueryString, type HttpHandler, type HttpRequest, HttpResponse } from '@smithy/core/protocols'
import { describeError, type Http, httpClient, isCertificateError, isHopeless } from '../http'

/** Milliseconds for one request, its whole answer included; the SDK itself would wait for ever. */
const LIMIT = 20_000

/** The largest answer is a state. */
const MAX_BYTES = 100_000_000

/**
 * How the AWS SDK reaches AWS: as this program reaches everything else, through the proxies of the environment and
 * within a time limit, and with the certificates of `AWS_CA_BUNDLE` (or the profile's `ca_bundle`), as Terraform
 * does.
 */
export class AwsHttpHandler implements HttpHandler<object> {
  readonly metadata = { handlerProtocol: 'http/1.1' }
  readonly #environment: NodeJS.ProcessEnv
  readonly #profile: string | undefined
  #http: Promise<Http> | undefined

  /** @param environment the process's own, which the SDK reads its settings in as well */
  constructor(environment: NodeJS.ProcessEnv, profile: string | undefined) {
    this.#environment = environment
    this.#profile = profile
  }

  /** Sends one request. What may be answered the next time is marked for the SDK to try again. */
  async handle(request: HttpRequest): Promise<{ response: HttpResponse }> {
    this.#http ??= connect(this.#environment, this.#profile)
    const http = await this.#http
    const { method, headers } = request
    try {
      const answer = await http(urlOf(request), {
        method: method as 'GET',
        headers,
        body: request.body as string | Uint8Array | undefined,
        limit: { exchange: LIMIT },
        maxBytes: MAX_BYTES,
      })
      const response = new HttpResponse({
        statusCode: answer.status,
        headers: answer.headers as Record<string, string>,
        body: Readable.from([answer.body]),
      })
      return { response }
    } catch (cause) {
      const hint = isCertificateError(cause)
        ? '. For a certificate of your own, of a proxy for one, name its file in AWS_CA_BUNDLE'
        : ''
      const error = new Error(`${request.hostname}: ${describeError(cause)}${hint}`, { cause })
      throw isHopeless(cause) ? error : Object.assign(error, { $retryable: {} })
    }
  }

  destroy(): void {
    // Connections that nothing waits for end by themselves, and keep no process alive.
  }

  updateHttpClientConfig(): void {
    // There is nothing to set.
  }

  httpHandlerConfigs(): object {
    return {}
  }
}

function urlOf({ protocol, hostname, port, path, query }: HttpRequest): URL {
  const search = buildQueryString(query)
  const host = port === undefined ? hostname : `${hostname}:${port}`
  return new URL(`${protocol}//${host}${path}${search === '' ? '' : `?${search}`}`)
}

async function connect(environment: NodeJS.ProcessEnv, profile: string | undefined): Promise<Http> {
  const caBundle = loadConfig<string | undefined>(
    {
      environmentVariableSelector: ({ AWS_CA_BUNDLE }) => AWS_CA_BUNDLE,
      configFileSelector: ({ ca_bundle }) => ca_bundle,
      default: undefined,
    },
    profile === undefined ? {} : { profile },
  )
  const file = await caBundle()
  return httpClient(environment, file === undefined || file === '' ? undefined : await readBundle(file))
}

async function readBundle(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new Error(`The certificates of AWS_CA_BUNDLE could not be read: ${describeError(cause)}`, { cause })
  }
}
