import type { Invocation } from '../config'
import { PULL_REQUEST } from '../config/approved-plan'
import type { Approval } from '../decide/digest'
import { GithubApi } from '../github/api'
import { factsOf, identityOf } from '../github/facts'
import { openGithub } from '../github/octokit'
import { approvalByPullRequest } from '../github/plan-approval'
import type { Door } from './command'

/** What a run may change, by `approved-plan`; `undefined` where that is not given: everything. */
export async function approvalOf(
  { inputs, request }: Invocation,
  { github, reporter }: Door,
): Promise<Approval | undefined> {
  const approved = inputs['approved-plan']
  if (approved === undefined) return undefined
  if (approved !== PULL_REQUEST)
    return { digests: new Set(approved), source: 'Approved is what `approved-plan` lists.' }
  const nothing = (why: string): Approval => ({
    digests: new Set(),
    source: `With \`approved-plan: pull-request\` nothing is approved: ${why}.`,
  })
  if (github?.repository === undefined || github.commit === undefined)
    return nothing('this is no step of a GitHub workflow')
  const { token } = request.github
  if (token === undefined) return nothing('`github-token` is empty')
  const { apiUrl, repository, commit } = github
  return reporter.step('Look up the approved plan', async () => {
    const options = await openGithub({ apiUrl, token, ...repository })
    const api = new GithubApi(options, 'pull requests, comments and commit statuses')
    const approval = await approvalByPullRequest({ api, identity: identityOf(factsOf(request)) }, commit)
    reporter.info(approval.source)
    return approval
  })
}
