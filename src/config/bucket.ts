import { LONGEST_BUCKET_NAME, RESERVED_PREFIXES, RESERVED_SUFFIXES } from '../store/names'
import { invalid, listed, type Parser, show, valid } from './problems'

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
const SHORTEST = 3

/** The name inside an `s3://` URI, an ARN or a URL of S3; `undefined` where the value is none of these. */
function nameInside(text: string): string | undefined {
  const patterns = [
    /^s3a?:\/\/([^/]+)/i,
    /^arn:[^:]*:s3:[^:]*:[^:]*:([^/]+)/i,
    /^https?:\/\/([^./]+)\.s3[.-][^/]*amazonaws/i,
    /^https?:\/\/s3[.-][^/]*amazonaws[^/]*\/([^/]+)/i,
  ]
  return patterns.map((pattern) => pattern.exec(text)?.[1]).find((name) => name !== undefined)
}

/** The nearest name by the rules of the characters; `undefined` where that would be a guess. */
function suggestion(text: string): string | undefined {
  const name = text
    .toLowerCase()
    .replace(/[\s_.]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return name !== text && faults(name).length === 0 ? name : undefined
}

/** Everything about a name that breaks S3's rules, or ours about dots. */
function faults(name: string): readonly string[] {
  const prefix = RESERVED_PREFIXES.find((reserved) => name.startsWith(reserved))
  const suffix = RESERVED_SUFFIXES.find((reserved) => name.endsWith(reserved))
  const length = Array.from(name).length
  return [
    length < SHORTEST && `is shorter than ${SHORTEST} characters`,
    length > LONGEST_BUCKET_NAME && `is ${length} characters long, ${LONGEST_BUCKET_NAME} are allowed`,
    /[A-Z]/.test(name) && 'has capital letters',
    name.includes('_') && 'has underscores',
    name.includes('.') && "has dots, which S3's TLS certificate (a wildcard for one label) does not cover",
    /\s/.test(name) && 'has spaces',
    /[^A-Za-z0-9_.\s-]/.test(name) && 'has characters other than lowercase letters, digits and hyphens',
    /^-|-$/.test(name) && 'begins or ends with a hyphen',
    prefix !== undefined && `begins with "${prefix}", which S3 reserves`,
    suffix !== undefined && `ends with "${suffix}", which S3 reserves`,
  ].filter((fault) => fault !== false)
}

/** The name of a bucket by S3's rules for general purpose buckets, and without dots. */
export const bucketName: Parser<string> = (text) => {
  const inside = nameInside(text)
  if (inside !== undefined) {
    const name = faults(inside).length === 0 ? inside : suggestion(inside)
    const example = name === undefined ? '' : `: "${name}"`
    return invalid(`${show(text)} is an address, not a name`, `Write the bucket's name alone${example}`)
  }
  const found = faults(text)
  if (found.length === 0) return valid(text)
  const better = suggestion(text)
  return invalid(
    `${show(text)} ${listed(found)}`,
    better === undefined
      ? `Write ${SHORTEST} to ${LONGEST_BUCKET_NAME} lowercase letters, digits and hyphens, ` +
          'with a letter or digit at both ends and no reserved prefix or suffix'
      : `Write "${better}"`,
  )
}
