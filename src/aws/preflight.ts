import { HeadBucketCommand, type S3Client } from '@aws-sdk/client-s3'
import type { Account, Preflight } from '../decide/observed'
import { s3Client } from './clients'
import { statusOf } from './errors'
import type { BucketPlace } from './existing-bucket'

/** What the SDK signs with, before the signature is taken off. */
const NOBODY = { accessKeyId: 'nobody', secretAccessKey: 'nobody' }

/** Any origin may read by the guide's rules (step 3). */
const ANYBODY = 'https://anybody.example'

/**
 * Asks a bucket, as a browser does before it uploads or reads, what it lets a page of another origin do. Needs no
 * permission.
 *
 * @param origin of the Valohai installation's web app
 * @returns `undefined` where the bucket does not answer
 */
export async function preflight(
  place: BucketPlace,
  account: Pick<Account, 'id'>,
  origin: string,
): Promise<Preflight | undefined> {
  const [uploads, downloads] = await Promise.all([
    allows(place, account, origin, 'POST'),
    allows(place, account, ANYBODY, 'GET'),
  ])
  return uploads === undefined || downloads === undefined ? undefined : { uploads, downloads }
}

async function allows(
  { name, region }: BucketPlace,
  { id: owner }: Pick<Account, 'id'>,
  origin: string,
  method: string,
): Promise<boolean | undefined> {
  const s3 = s3Client({ region, owner, credentials: NOBODY })
  const answer = askAsBrowser(s3, origin, method)
  try {
    await s3.send(new HeadBucketCommand({ Bucket: name }))
  } catch (cause) {
    // To a browser a refusal is a no, whatever headers it carries.
    return statusOf(cause) === undefined ? undefined : false
  }
  const { origin: allowed, methods = '' } = answer
  return (allowed === '*' || allowed === origin) && methods.split(/,\s*/).includes(method)
}

const ALLOW_ORIGIN = 'access-control-allow-origin'
const ALLOW_METHODS = 'access-control-allow-methods'

/** What is asked of the SDK goes out as the question of a browser, unsigned, to where the bucket is. */
function askAsBrowser(
  s3: S3Client,
  origin: string,
  method: string,
): { origin?: string | undefined; methods?: string | undefined } {
  const answer: { origin?: string | undefined; methods?: string | undefined } = {}
  s3.middlewareStack.add(
    (next) => async (args) => {
      const request = args.request as { method: string; headers: Record<string, string> }
      request.method = 'OPTIONS'
      request.headers = {
        host: request.headers.host ?? '',
        origin,
        'access-control-request-method': method,
      }
      const result = await next(args)
      const { headers } = result.response as { headers: Record<string, string> }
      answer.origin = headers[ALLOW_ORIGIN]
      answer.methods = headers[ALLOW_METHODS]
      return result
    },
    // After it was signed, which is the first of this step.
    { step: 'finalizeRequest', priority: 'low', name: 'askAsBrowser' },
  )
  return answer
}
