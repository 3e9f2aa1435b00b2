import { headOf } from '../markdown/cut'
import { code, fold, link, text } from '../markdown/escape'
import type { Outcome } from '../decide/outcome'
import { accessKeys } from './access-keys'
import { awsChanges, countsLine, destroyWarning, diffFold, valohaiChanges } from './changes'
import type { GithubContext } from './context'
import type { Facts } from './facts'

export interface PlanCommentContext {
  readonly facts: Facts
  readonly github: Pick<GithubContext, 'runUrl' | 'pullRequest'>
  readonly now: Date
  /** Why the plan cannot be approved by the pull request, a sentence. @default - it can */
  readonly notApprovable?: string | undefined
  /** Replaces secrets. Nothing here should hold one; a comment is the last place for one to turn up. */
  readonly redact: (text: string) => string
}

/**
 * Characters of a comment's body, its marker and its digest not counted. GitHub's limit is 65,536, and what it
 * counts has been characters and UTF-16 code units; the latter are never fewer.
 */
export const COMMENT_LIMIT = 64_000

/** The plan of one store as the body of its comment, without the marker. Never over `COMMENT_LIMIT`. */
export function planComment(
  outcome: Outcome,
  { facts, github, now, redact, notApprovable = '' }: PlanCommentContext,
): string {
  const { runUrl, pullRequest } = github
  const summary = link('job summary', runUrl)
  const inValohai =
    outcome.valohai === undefined ? '' : ` for Valohai project ${code(outcome.valohai.project)}`
  const head = [
    `### Plan of S3 bucket ${code(facts.bucket)}${inValohai}`,
    countsLine(outcome),
    ...(outcome.changes ? [destroyWarning(outcome), valohaiChanges(outcome, facts)] : []),
    accessKeys(outcome, now),
    outcome.valohai === undefined ? 'Planned without Valohai: no token and no project were given.' : '',
  ]
  const resources = awsChanges(outcome)
  const commit = pullRequest?.head === undefined ? '' : ` for commit ${code(pullRequest.head.slice(0, 7))}`
  const foot = [
    resources === '' ? '' : fold('Resources', resources),
    text(notApprovable),
    `<sub>Nothing is changed by a plan. Made by ${link('this run', runUrl)}${commit}; a new plan replaces it.</sub>`,
  ]
  const used = join([...head, ...foot]).length + 2
  const rest = `The whole of it is in the ${summary} of this run.`
  const diff = diffFold(outcome.aws.diff && redact(outcome.aws.diff), {
    limit: COMMENT_LIMIT - used,
    unit: 'characters',
    rest,
  })
  // Values are shortened where they are shown, so the rest fits; the last cut is for what nobody thought of.
  return headOf(join([...head, diff, ...foot]), COMMENT_LIMIT, 'characters')
}

function join(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n\n')
}
