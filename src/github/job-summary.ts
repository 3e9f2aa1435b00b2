import { InvalidInput } from '../config'
import { headOf, sizeOf } from '../markdown/cut'
import { code, fence, fold, link, table, text, visible } from '../markdown/escape'
import type { Verdict } from '../decide/findings'
import type { Outcome } from '../decide/outcome'
import { accessKeys } from './access-keys'
import { awsChanges, countsLine, destroyWarning, diffFold, valohaiChanges } from './changes'
import { bucketPage, keyPage, nameIn, rolePage, userPage } from './console-links'
import { diagram } from './diagram'
import { partsOf } from './failure-parts'
import type { Facts } from './facts'
import { stepTable, type StepTiming } from './steps'
import { verdictParts } from './verdict'

/** How a command ended. */
export type Result =
  | { readonly kind: 'outcome'; readonly outcome: Outcome; readonly facts: Facts }
  | { readonly kind: 'verdict'; readonly verdict: Verdict; readonly facts: Facts }
  | { readonly kind: 'synth'; readonly exported: Exported; readonly facts: Facts }
  | ({ readonly kind: 'printed'; readonly facts: Facts } & Printed)
  | { readonly kind: 'failure'; readonly error: unknown; readonly facts: Facts | undefined }

/** What synth wrote. */
export interface Exported {
  readonly directory: string
  readonly names: readonly string[]
  readonly layout: 'root' | 'module'
}

/** A document that was printed, and what a person has to know of it. */
export interface Printed {
  readonly text: string
  readonly notes: readonly string[]
}

export interface SummaryContext {
  readonly steps: readonly StepTiming[]
  readonly warnings: readonly string[]
  readonly now: Date
  /** Replaces secrets, which GitHub masks in logs alone. */
  readonly redact: (text: string) => string
}

/** Bytes. GitHub's limit for a step is 1 MiB, and it refuses the whole where that is exceeded. */
export const SUMMARY_LIMIT = 1_000_000

/** The job summary of any command, however it ended, in Markdown. Never over `SUMMARY_LIMIT`. */
export function jobSummary(result: Result, context: SummaryContext): string {
  const parts = ((): readonly string[] => {
    switch (result.kind) {
      case 'outcome':
        return ofOutcome(result, context)
      case 'verdict':
        return verdictParts(result.verdict, result.facts, context.redact)
      case 'synth':
        return ofSynth(result)
      case 'printed':
        return ofPrinted(result)
      case 'failure':
        return ofFailure(result, context)
    }
  })()
  const steps = stepTable(context.steps)
  const whole = [...parts, warningsOf(context), steps === '' ? '' : `#### Time\n\n${steps}`]
  return headOf(`${join(whole)}\n`, SUMMARY_LIMIT, 'bytes')
}

function ofOutcome(
  { outcome, facts }: { outcome: Outcome; facts: Facts },
  { redact, steps, now }: SummaryContext,
): readonly string[] {
  const { isDone, takenDown } = outcome
  if (takenDown !== undefined) {
    return [
      `### ${isDone ? '🧹 Taken down: the' : '📋 To be taken down: the'} store of S3 bucket ${code(facts.bucket)}`,
      countsLine(outcome),
      takenDown.map((sentence) => `- ${text(sentence)}`).join('\n'),
      awsChanges(outcome),
    ]
  }
  const keys = accessKeys(outcome, now)
  const changes = outcome.changes
    ? [destroyWarning(outcome), valohaiChanges(outcome, facts), awsChanges(outcome)]
    : []
  const parts = [
    `### ${headline(outcome, facts)}`,
    countsLine(outcome),
    isDone ? '' : `Digest of this plan, for ${code('approved-plan')}: ${code(outcome.digest)}`,
    `#### What there is now\n\n${existing(outcome, facts)}`,
    keys === '' ? '' : `#### Access keys\n\n${keys}`,
    ...(join(changes) === ''
      ? []
      : [isDone ? '#### What was changed' : '#### What would change', ...changes]),
  ]
  const picture = `#### How it hangs together${!isDone && outcome.changes ? ', once applied' : ''}\n\n${diagram(outcome, facts)}`
  const used = sizeOf(join([...parts, picture, stepTable(steps)]), 'bytes')
  const diff = diffFold(outcome.aws.diff && redact(outcome.aws.diff), {
    // Room is left for the warnings, which are cut to as much.
    limit: SUMMARY_LIMIT - used - 2 * WARNINGS_LIMIT,
    unit: 'bytes',
    rest: "The whole of it is in the step's log.",
  })
  return [...parts, diff, picture]
}

function headline({ isDone, valohai }: Outcome, { bucket }: Facts): string {
  if (!isDone) return `📋 Plan of S3 bucket ${code(bucket)}`
  if (valohai === undefined) return `✅ S3 bucket ${code(bucket)} is there`
  const what = valohai.defaultStore.isThisStore ? 'the default store' : 'a data store'
  return `✅ S3 bucket ${code(bucket)} is ${what} of ${code(valohai.project)}`
}

/** What is there, with links to where a person can look at it. */
function existing({ isDone, aws, valohai, keys }: Outcome, facts: Facts): string {
  const { bucket, region, kmsKeyArn, stateBucket } = facts
  const absent = 'not there yet'
  const rows = [
    [
      'S3 bucket',
      aws.bucketArn === undefined ? absent : link(code(bucket), bucketPage(bucket, region)),
      code(region),
    ],
    [
      'IAM user',
      aws.iamUserArn === undefined
        ? absent
        : link(code(nameIn(aws.iamUserArn)), userPage(aws.iamUserArn, region)),
      aws.iamUserArn === undefined ? '' : code(aws.iamUserArn),
    ],
    ...(keys.current === undefined
      ? []
      : [
          [
            'Access key',
            code(keys.current.id),
            aws.directory === undefined ? '' : 'its secret is known to Valohai alone',
          ],
        ]),
    ...(aws.multipartRoleArn === undefined
      ? []
      : [
          [
            'IAM role for outputs over 5 GB',
            link(code(nameIn(aws.multipartRoleArn)), rolePage(aws.multipartRoleArn, region)),
            code(aws.multipartRoleArn),
          ],
        ]),
    ...(kmsKeyArn === undefined
      ? []
      : [['KMS key', link(code(nameIn(kmsKeyArn)), keyPage(kmsKeyArn, region)), code(kmsKeyArn)]]),
    ...(stateBucket === undefined || !isDone
      ? []
      : [
          [
            'Terraform state',
            link(code(stateBucket.name), bucketPage(stateBucket.name, stateBucket.region)),
            code(stateBucket.region),
          ],
        ]),
    ...(valohai === undefined
      ? []
      : [
          ['Valohai project', link(code(valohai.project), valohai.projectUrl), ''],
          [
            'Valohai data store',
            valohai.storeId === undefined ? absent : link(code(valohai.storeName), valohai.storeUrl),
            [
              ...(valohai.storeId === undefined ? [] : [code(valohai.storeId)]),
              ...(valohai.defaultStore.isThisStore ? ["the project's default"] : []),
            ].join(', '),
          ],
        ]),
  ]
  return table(['What', 'Name', ''], rows)
}

function ofSynth({ exported, facts }: { exported: Exported; facts: Facts }): readonly string[] {
  const { directory, names, layout } = exported
  const next =
    layout === 'module'
      ? 'It is a module: call it from a configuration of your own, which has the provider and the backend.'
      : 'It is ready to run: `terraform init`, `terraform plan` and `terraform apply` in that directory.'
  return [
    `### 📄 Terraform of S3 bucket ${code(facts.bucket)} written`,
    `**${names.length} ${names.length === 1 ? 'file' : 'files'}** in ${code(directory)}. Nothing else was touched.`,
    table(
      ['File'],
      [...names].map((name) => [code(name)]),
    ),
    `#### What next\n\n${next} The directory is gone with the runner: keep it with \`actions/upload-artifact\`, ` +
      'or commit it; the output `terraform-dir` has its path. The data store in Valohai is not part of Terraform: ' +
      "add it under the project's Settings > Data Stores with the outputs, or let this action do all of it with `command: apply`.",
  ]
}

function ofPrinted({ text: document, notes, facts }: Printed & { facts: Facts }): readonly string[] {
  return [
    `### 📄 ${text(facts.command)} of S3 bucket ${code(facts.bucket)}`,
    'Nothing was touched.',
    fence(document, ''),
    ...notes.map((note) => fence(note, 'text')),
  ]
}

function ofFailure(
  { error, facts }: { error: unknown; facts: Facts | undefined },
  { redact }: SummaryContext,
): readonly string[] {
  if (error instanceof InvalidInput) {
    const rows = error.problems.map(({ input, problem, fix }) => [
      code(input),
      `${text(redact(problem))}.`,
      `${text(redact(fix))}.`,
    ])
    const count = rows.length === 1 ? '1 problem' : `${rows.length} problems`
    return [
      `### ❌ Invalid input: ${count}`,
      'Nothing was changed.',
      table(['Input', 'Problem', 'What to do'], rows),
    ]
  }
  const { step, why, exists, advice } = partsOf(error)
  const what = facts === undefined ? 'The run' : `${facts.command} of S3 bucket ${code(facts.bucket)}`
  return [
    `### ❌ ${what} failed${step === undefined ? '' : ` at “${text(step)}”`}`,
    `#### Why\n\n${fence(headOf(redact(why), SUMMARY_LIMIT / 4, 'bytes'), 'text')}`,
    exists.length === 0
      ? ''
      : `#### What exists now\n\n${exists.map((sentence) => `- ${text(redact(sentence))}`).join('\n')}`,
    advice === '' ? '' : `#### What now\n\n${text(redact(advice))}`,
  ]
}

/** Bytes of all warnings together. */
const WARNINGS_LIMIT = 50_000

function warningsOf({ warnings, redact }: SummaryContext): string {
  if (warnings.length === 0) return ''
  const together = visible(warnings.map(redact).join('\n\n'))
  const title = warnings.length === 1 ? '1 warning' : `${warnings.length} warnings`
  return fold(title, fence(headOf(together, WARNINGS_LIMIT, 'bytes'), 'text'))
}

function join(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n\n')
}
