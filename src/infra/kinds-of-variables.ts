import { IAM_NAME, KMS_KEY_ARN } from '../store/names'
import type { JsonObject } from './hcl'
import type { Variable } from './variables'

/** The `validation` of a variable. @param condition an expression, laid out as it is printed */
export function validation(condition: string, errorMessage: string): JsonObject[] {
  return [{ condition: `\${${condition}}`, error_message: errorMessage }]
}

/** A string of one form. */
export function matches(name: string, pattern: string, errorMessage: string): JsonObject[] {
  return validation(`can(regex("${pattern}", var.${name}))`, errorMessage)
}

/** The expression that every item of a list or set has one form. */
export function each(name: string, pattern: string): string {
  return `alltrue([
  for item in var.${name} :
  can(regex("${pattern}", item))
])`
}

/** A number of days. */
export function wholeDays(name: string, description: string, usual: number): JsonObject {
  return {
    type: 'number',
    description,
    default: usual,
    nullable: false,
    validation: validation(
      `(
  var.${name} >= 1 &&
  floor(var.${name}) == var.${name}
)`,
      'Give a whole number of days, 1 or more.',
    ),
  }
}

/** A name in IAM, which may be left to the configuration. */
export function iamName(name: string, what: string, value: string | null): Variable {
  return {
    name,
    value,
    body: {
      type: 'string',
      description: `Name of the ${what}. Where it is null, it is made from the bucket's name.`,
      default: null,
      validation: validation(
        `(
  var.${name} == null ||
  can(regex("${IAM_NAME}", var.${name}))
)`,
        'An IAM name has 1 to 64 characters: letters, digits and _+=,.@-',
      ),
    },
  }
}

/** ARNs of KMS keys, one at least: a statement that grants none would be refused. */
export function keyList(name: string, description: string, value: readonly string[]): Variable {
  return {
    name,
    value,
    body: {
      type: 'list(string)',
      description,
      nullable: false,
      validation: validation(
        `(
  length(var.${name}) >= 1 &&
  ${each(name, KMS_KEY_ARN).replaceAll('\n', '\n  ')}
)`,
        "Give one or more keys' own ARNs (arn:aws:kms:…:key/…), no aliases or bare ids.",
      ),
    },
  }
}

/** Tags that both S3 and IAM take: to IAM, keys that differ in capitals only are the same. */
export function tagRules(name: string): JsonObject[] {
  const characters = '[\\\\p{L}\\\\p{N}\\\\p{Zs}_.:/=+@-]'
  return validation(
    `(
  length(var.${name}) <= 50 &&
  length(distinct([for key in keys(var.${name}) : lower(key)])) == length(var.${name}) &&
  alltrue([
    for key, value in var.${name} :
    can(regex("^${characters}{1,128}$", key)) &&
    can(regex("^${characters}{0,256}$", value)) &&
    !can(regex("^(?i:aws:)", key)) &&
    !can(regex("^(?i:aws:)", value))
  ])
)`,
    'AWS takes 50 tags of letters, digits, spaces and _.:/=+-@, and keeps keys and values that begin with aws: for itself.',
  )
}

/** What others added, beside ours: of different shapes, which a list of anything would refuse. */
export function others(name: string, description: string, value: readonly JsonObject[]): Variable {
  return { name, value, body: { type: 'any', description, default: [], nullable: false } }
}
