import type { StoreSpec } from '../store/spec'
import { findingsOfBucket } from './findings-bucket'
import { findingsOfKeys } from './findings-keys'
import { findingsOfLocks } from './findings-locks'
import { findingsOfPlan } from './findings-plan'
import { findingsOfRole } from './findings-role'
import { findingsOfValohai } from './findings-valohai'
import type { Observed } from './observed'
import type { ChangedValue, Plan } from './plan'
import type { Decision } from './steps'
import type { Survey } from './survey'

/** One thing that is not as it should be; each text is for a person. */
export interface Finding {
  readonly what: string
  /** An address of Terraform's, an ARN, a name or an id. */
  readonly where: string
  readonly is: string
  readonly should: string
  readonly fix: string
}

/** Something that could not be looked at: no finding, and no sign that all is well. */
export interface NotChecked {
  readonly what: string
  readonly why: string
  /** Whether it is a world that was meant to be looked at: of what was found there earlier nobody knows. */
  readonly isWorld?: true
}

/** What `check` says. */
export interface Verdict {
  readonly findings: readonly Finding[]
  readonly notChecked: readonly NotChecked[]
  /** What is worth knowing and is nothing wrong, in sentences. */
  readonly notes: readonly string[]
  /** Whether neither world could be looked at: then nothing was judged. */
  readonly sawNothing?: true
}

/** What was seen of both worlds and decided about it. */
export interface Looked {
  /** The store as it was asked for. */
  readonly spec: StoreSpec
  readonly observed: Observed
  readonly survey: Survey
  /** What `apply` would do; `undefined` where it would refuse. */
  readonly decision?: Decision
  /** Terraform's plan of the end state; `undefined` where there is none. */
  readonly plan?: Plan
  /** The values that the plan changes. */
  readonly values?: readonly ChangedValue[]
}

/** What comes of looking: all of it, or as much as there is. */
export type Looking = Partial<Looked> &
  Partial<Pick<Verdict, 'notChecked'>> & {
    /** Why `apply` would refuse, in its own words. */
    readonly refusal?: string
  }

/** One part of a verdict. */
export type Part = Partial<Verdict>

/** Says what is not as it was asked for. Pure: what is looked at is handed over. */
export function verdictOf({ refusal, notChecked = [], ...looked }: Looking): Verdict {
  const parts: readonly Part[] = [
    { notChecked },
    refusal === undefined ? {} : { findings: [refused(refusal, looked.spec)] },
    ...(isWhole(looked) ? PARTS.map((part) => part(looked)) : []),
  ]
  return {
    findings: parts.flatMap(({ findings = [] }) => findings),
    notChecked: parts.flatMap((part) => part.notChecked ?? []),
    notes: parts.flatMap(({ notes = [] }) => notes),
    ...(refusal === undefined && !isWhole(looked) ? { sawNothing: true } : {}),
  }
}

const PARTS: readonly ((looked: Looked) => Part)[] = [
  findingsOfPlan,
  findingsOfRole,
  findingsOfBucket,
  findingsOfKeys,
  findingsOfValohai,
  findingsOfLocks,
]

const isWhole = (looked: Partial<Looked>): looked is Looked =>
  looked.spec !== undefined && looked.observed !== undefined && looked.survey !== undefined

function refused(refusal: string, spec: StoreSpec | undefined): Finding {
  return {
    what: '`apply` would refuse, and change nothing',
    where: spec?.bucketName ?? 'the store',
    is: refusal,
    should: 'as it was asked for',
    fix: 'As it says.',
  }
}
