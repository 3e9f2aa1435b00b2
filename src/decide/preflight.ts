import type { StoreSpec } from '../store/spec'
import type { Preflight } from './observed'

/** The CORS rule that lets an origin do something (guide, step 3), as S3 takes it. */
export const corsRuleFor = (origin: string, method: string): string =>
  JSON.stringify({
    AllowedOrigins: [origin],
    AllowedMethods: [method],
    AllowedHeaders: ['Authorization'],
    MaxAgeSeconds: 3000,
  })

/**
 * What the guide wants of a bucket that is managed elsewhere and that it does not do, with the CORS rules to add there
 * (step 3).
 */
export function warningsOfPreflight(spec: StoreSpec, preflight: Preflight | undefined): string[] {
  if (preflight === undefined) return []
  const add = (what: string, missing: string): string =>
    `The bucket ${spec.bucketName} does not let ${what} (CORS). Where it is managed, add the rule ${missing}`
  return [
    ...(preflight.uploads
      ? []
      : [add(`Valohai's web app at ${spec.valohaiOrigin} upload`, corsRuleFor(spec.valohaiOrigin, 'POST'))]),
    ...(preflight.downloads ? [] : [add('browsers read', corsRuleFor('*', 'GET'))]),
  ]
}
