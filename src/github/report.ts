import * as core from '@actions/core'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Request } from '../config'
import type { Verdict } from '../decide/findings'
import type { Outcome } from '../decide/outcome'
import type { ActionReporter } from './action-reporter'
import { GithubApi, GithubError } from './api'
import { annotateFailure } from './annotations'
import type { GithubContext } from './context'
import { factsOf, identityOf } from './facts'
import { reportIssue } from './drift-issue'
import { jobSummary, type Exported, type Printed, type Result } from './job-summary'
import { openGithub, openIssueComments, type openGithubIssues, type Repository } from './octokit'
import { digestLine, headOf, recordPlan } from './plan-approval'
import { planComment } from './plan-comment'
import { planMarker, updatePlanComment } from './update-plan-comment'

/** What a report works with; the functions that reach outside are exchanged by tests. */
export interface ReportOptions {
  readonly reporter: ActionReporter
  readonly github: GithubContext
  /** @default - octokit */
  readonly openComments?: typeof openIssueComments
  /** @default - octokit */
  readonly openIssues?: typeof openGithubIssues
  /** Adds to the job summary. @default - the file that the runner names */
  readonly writeSummary?: (markdown: string) => Promise<unknown>
  /** Waits some milliseconds. @default - a timer */
  readonly sleep?: (milliseconds: number) => Promise<unknown>
}

/**
 * Tells GitHub how a run ended: job summary, plan comment, annotations. A report that cannot be delivered is
 * one warning, and never fails a run.
 */
export class Report {
  readonly #options: ReportOptions

  constructor(options: ReportOptions) {
    this.#options = options
  }

  /** A plan or an apply that came to its end. */
  public async outcome(request: Request, outcome: Outcome): Promise<void> {
    const { reporter } = this.#options
    const { diff } = outcome.aws
    if (diff !== undefined) reporter.group("Terraform's plan", reporter.redact(diff))
    if (!outcome.isDone && request.github.comment) await this.#comment(request, outcome)
    await this.#summary({ kind: 'outcome', outcome, facts: factsOf(request) })
  }

  /** A check that came to its end: summary, and the store's issue. */
  public async checked(request: Request, verdict: Verdict): Promise<void> {
    const { reporter, github, openIssues, sleep: wait } = this.#options
    const facts = factsOf(request)
    for (const { what, why } of verdict.notChecked) reporter.warning(`Not checked: ${what}. ${why}`)
    if (request.github.issue) {
      await reportIssue({
        verdict,
        facts,
        github,
        token: request.github.token,
        reporter,
        openIssues,
        sleep: wait,
      })
    }
    await this.#summary({ kind: 'verdict', verdict, facts })
  }

  /** Terraform that was written. */
  public async synth(request: Request, exported: Omit<Exported, 'layout'>): Promise<void> {
    const { layout } = request.output
    await this.#summary({ kind: 'synth', exported: { ...exported, layout }, facts: factsOf(request) })
  }

  /** A document that was printed. @param notes what a person has to know of it, a paragraph each */
  public async printed(request: Request, { text, notes }: Printed): Promise<void> {
    await this.#summary({ kind: 'printed', text, notes, facts: factsOf(request) })
  }

  /** A run that failed; the step fails with it. @param configuration `undefined` where that is what is wrong */
  public async failure(error: unknown, request: Request | undefined): Promise<void> {
    const { reporter } = this.#options
    reporter.flush()
    annotateFailure(error, (text) => reporter.redact(text))
    await this.#summary({ kind: 'failure', error, facts: request && factsOf(request) })
  }

  async #comment(request: Request, outcome: Outcome): Promise<void> {
    const { reporter, github, openComments = openIssueComments, sleep: wait = sleep } = this.#options
    const { pullRequest, repository, apiUrl } = github
    const { token } = request.github
    if (pullRequest === undefined || repository === undefined) return
    if (token === undefined) {
      reporter.warning('No plan comment: `github-token` is empty. The plan is in the job summary.')
      return
    }
    const facts = factsOf(request)
    try {
      const where = { apiUrl, token, ...repository }
      const body = planComment(outcome, {
        facts,
        github,
        now: new Date(),
        notApprovable: await this.#record(where, request, outcome),
        redact: (text) => reporter.redact(text),
      })
      const action = await updatePlanComment({
        comments: await openComments({ ...where, issueNumber: pullRequest.number }),
        marker: planMarker(identityOf(facts)),
        body: `${digestLine(outcome.digest)}\n${body}`,
        mayCreate: outcome.changes,
        sleep: async (milliseconds) => {
          await wait(milliseconds)
        },
      })
      if (action !== 'none') reporter.info(`Plan comment on pull request #${pullRequest.number} ${action}`)
    } catch (error) {
      reporter.warning(`No plan comment: ${explain(error, github)} The plan is in the job summary.`)
    }
  }

  /** Records the plan, so that it can be approved by the pull request. Returns why it cannot, a sentence. */
  async #record(where: Repository, request: Request, { digest }: Outcome): Promise<string | undefined> {
    const { pullRequest, runUrl } = this.#options.github
    if (pullRequest === undefined) return undefined
    try {
      const api = new GithubApi(await openGithub(where), 'commit statuses')
      const commit = pullRequest.head ?? (await headOf(api, pullRequest.number))
      await recordPlan({ api, identity: identityOf(factsOf(request)) }, { digest, commit, page: runUrl })
      return undefined
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      return `This plan cannot be approved by the pull request: it could not be recorded on the commit, which needs "permissions: statuses: write". (${why})`
    }
  }

  async #summary(result: Result): Promise<void> {
    const { reporter, writeSummary = addToSummary } = this.#options
    try {
      const { steps, warnings } = reporter
      await writeSummary(
        jobSummary(result, { steps, warnings, now: new Date(), redact: (text) => reporter.redact(text) }),
      )
    } catch (error) {
      reporter.warning(`No job summary: ${error instanceof Error ? error.message : String(error)}`)
    }
    reporter.flush()
  }
}

async function addToSummary(markdown: string): Promise<void> {
  await core.summary.addRaw(markdown, true).write()
}

function explain(error: unknown, { pullRequest }: GithubContext): string {
  const why = error instanceof Error ? error.message : String(error)
  const isRefused = error instanceof GithubError && [401, 403, 404].includes(error.status ?? 0)
  if (!isRefused) return `${why}.`
  switch (pullRequest?.readOnly) {
    case 'fork':
      return "a pull request from a fork gets a token that can only read, by GitHub's rules."
    case 'dependabot':
      return "a run that Dependabot starts gets a token that can only read, unless the workflow's `permissions` say otherwise."
    case undefined:
      return error.status === 403 && why.includes('Resource not accessible')
        ? 'the token lacks "pull-requests: write". Please add "permissions: pull-requests: write" to the job.'
        : `${why}. Please check \`github-token\`, and "permissions: pull-requests: write" of the job.`
  }
}
