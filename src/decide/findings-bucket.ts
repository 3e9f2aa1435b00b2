import type { JsonObject, JsonValue } from '../store/json'
import { leftTypes } from '../store/parts'
import type { StoreSpec } from '../store/spec'
import { isPublic } from './access'
import type { Finding, Looked, NotChecked, Part } from './findings'
import { corsRuleFor } from './preflight'

const CORS = 'aws_s3_bucket_cors_configuration'

/** How the bucket answers browsers, whether it is public, and what is left in it: no plan shows any of it. */
export function findingsOfBucket(looked: Looked): Part {
  const cors = ofCors(looked)
  const access = ofPublicAccess(looked)
  return {
    findings: [...(cors.findings ?? []), ...(access.findings ?? [])],
    notChecked: [...(cors.notChecked ?? []), ...(access.notChecked ?? [])],
    notes: left(looked),
  }
}

interface Question {
  readonly answer: 'uploads' | 'downloads'
  readonly what: string
  readonly origin: string
  readonly method: string
}

const questions = ({ valohaiOrigin }: StoreSpec): Question[] => [
  {
    answer: 'uploads',
    what: `Valohai's web app at ${valohaiOrigin} cannot upload`,
    origin: valohaiOrigin,
    method: 'POST',
  },
  { answer: 'downloads', what: 'Browsers cannot read', origin: '*', method: 'GET' },
]

/** What the bucket answers a browser (guide, step 3). Where the plan puts its rules back, that says it all. */
function ofCors({ spec, observed, survey: { cors, corsRules }, plan }: Looked): Part {
  if (cors === undefined || plan?.changes.some(({ type }) => type === CORS) === true) return {}
  if ('why' in cors)
    return { notChecked: [{ what: 'How the bucket answers browsers (CORS)', why: cors.why }] }
  const findings: Finding[] = []
  const notChecked: NotChecked[] = []
  for (const { answer, what, origin, method } of questions(spec)) {
    if (cors.is[answer]) continue
    const rules = observed.existing.bucket?.corsRules ?? corsRules ?? []
    if (rules.some((rule) => allows(rule, origin, method))) {
      const why =
        "Its CORS rules allow it, and its answer to a browser's question does not: what answered is not S3, or S3 needs a moment after a change."
      notChecked.push({ what: `Whether ${method} is allowed from ${origin} (CORS)`, why })
      continue
    }
    findings.push({
      what: `${what} (CORS)`,
      where: spec.bucketName,
      is: `${method} from ${origin} is refused`,
      should: `${method} from ${origin} is allowed`,
      fix: spec.manageBucket
        ? 'Run `apply`: the CORS rules are put back.'
        : `Where the bucket is managed, add the rule ${corsRuleFor(origin, method)}`,
    })
  }
  return { findings, notChecked }
}

/** Whether a CORS rule lets an origin do something; `*` in it stands for anything. */
function allows(rule: JsonObject, origin: string, method: string): boolean {
  const matches = (pattern: string): boolean => {
    const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`))
    return new RegExp(`^${parts.join('.*')}$`).test(origin)
  }
  return listOf(rule.allowed_methods).includes(method) && listOf(rule.allowed_origins).some(matches)
}

const listOf = (value: JsonValue | undefined): string[] =>
  [value].flat().filter((item): item is string => typeof item === 'string')

function ofPublicAccess({ spec, observed, survey: { isPublic: seen } }: Looked): Part {
  if (seen === undefined) return {}
  if ('why' in seen) return { notChecked: [{ what: 'Whether AWS judges the bucket public', why: seen.why }] }
  if (!seen.is) return {}
  const open = (observed.existing.bucket?.policyStatements ?? []).filter(isPublic)
  const names = open.map(({ Sid }) => (typeof Sid === 'string' ? Sid : 'one without a name')).join(', ')
  return {
    findings: [
      {
        what: 'The bucket is public, as AWS judges its policy',
        where: spec.bucketName,
        is: names === '' ? 'public' : `public, by the statement ${names}`,
        should: 'not public',
        fix: 'Take that statement out of the bucket policy, or narrow whom it lets in. `apply` keeps what others put there.',
      },
    ],
  }
}

/** What was switched off is left in AWS as it is; who wants it gone removes it there. */
function left({ spec, observed: { existing }, plan }: Looked): string[] {
  const off = leftTypes(spec).filter((type) => existing.bucket?.settings.includes(type) === true)
  return off
    .filter((type) => plan?.changes.some((change) => change.type === type) !== true)
    .map(
      (type) =>
        `${spec.bucketName} has a ${type.replace('aws_s3_bucket_', '').replaceAll('_', ' ')} which is switched off here: it is left as it is.`,
    )
}
