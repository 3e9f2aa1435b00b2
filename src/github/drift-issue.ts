import { setTimeout as sleep } from 'node:timers/promises'
import type { Verdict } from '../decide/findings'
import { headOf } from '../markdown/cut'
import { link } from '../markdown/escape'
import type { ActionReporter } from './action-reporter'
import { GithubError } from './api'
import type { GithubContext } from './context'
import { identityOf, type Facts } from './facts'
import { openGithubIssues } from './octokit'
import { COMMENT_LIMIT } from './plan-comment'
import { isOurs, markerOf, updatePlanComment } from './update-plan-comment'
import { verdictParts } from './verdict'

/** What the issue of a store is written with. */
export interface IssueReport {
  readonly verdict: Verdict
  readonly facts: Facts
  readonly github: Pick<GithubContext, 'apiUrl' | 'repository' | 'runUrl'>
  readonly token: string | undefined
  readonly reporter: Pick<ActionReporter, 'info' | 'warning' | 'redact'>
  /** @default - octokit */
  readonly openIssues?: typeof openGithubIssues | undefined
  /** Waits some milliseconds. @default - a timer */
  readonly sleep?: ((milliseconds: number) => Promise<unknown>) | undefined
}

/**
 * Opens the store's one issue where a check found something, writes it again while that is so, and closes it once all
 * holds. Where a world was not seen, an issue stays as it is: nobody knows whether it is over. Does not throw.
 */
export async function reportIssue(report: IssueReport): Promise<void> {
  const { verdict, github, token, reporter } = report
  if (github.repository === undefined) return
  if (token === undefined) {
    reporter.warning('No issue: `github-token` is empty. The findings are in the job summary.')
    return
  }
  try {
    if (verdict.findings.length > 0) await open(report, token, github.repository)
    else if (!verdict.notChecked.some(({ isWorld }) => isWorld)) await close(report, token, github.repository)
  } catch (error) {
    reporter.warning(`No issue: ${explain(error)} The findings are in the job summary.`)
  }
}

type Repository = NonNullable<GithubContext['repository']>

const connect = (
  { facts, github, openIssues = openGithubIssues }: IssueReport,
  token: string,
  where: Repository,
) =>
  openIssues({
    ...where,
    apiUrl: github.apiUrl,
    token,
    marker: markerOf('drift', identityOf(facts)),
    title: `Drift of S3 bucket ${facts.bucket}${facts.project === undefined ? '' : ` for Valohai project ${facts.project}`}`,
  })

async function open(report: IssueReport, token: string, where: Repository): Promise<void> {
  const { facts, reporter, sleep: wait = sleep } = report
  const action = await updatePlanComment({
    comments: await connect(report, token, where),
    marker: markerOf('drift', identityOf(facts)),
    body: bodyOf(report),
    mayCreate: true,
    sleep: async (milliseconds) => {
      await wait(milliseconds)
    },
  })
  reporter.info(`Issue of this store ${action}`)
}

async function close(report: IssueReport, token: string, where: Repository): Promise<void> {
  const issues = await connect(report, token, where)
  const marker = markerOf('drift', identityOf(report.facts))
  const open = await issues.listOpen()
  if (open.length === 0) return
  const self = await issues.whoami()
  for (const { id } of open.filter((issue) => isOurs(issue, marker, self))) {
    await issues.close(id, `${marker}\n${bodyOf(report)}`)
    report.reporter.info(`Issue #${id} of this store closed`)
  }
}

function bodyOf({ verdict, facts, github, reporter }: IssueReport): string {
  const foot = `<sub>Written by ${link('this run', github.runUrl)} of \`check\`, and closed by itself once all holds.</sub>`
  const parts = verdictParts(verdict, facts, (text) => reporter.redact(text)).filter((part) => part !== '')
  return `${headOf(parts.join('\n\n'), COMMENT_LIMIT - foot.length - 2, 'characters')}\n\n${foot}`
}

function explain(error: unknown): string {
  const why = error instanceof Error ? error.message : String(error)
  const isRefused = error instanceof GithubError && [401, 403, 404].includes(error.status ?? 0)
  return isRefused
    ? `${why}. The token may lack "issues: write": please add "permissions: issues: write" to the job.`
    : `${why}.`
}
