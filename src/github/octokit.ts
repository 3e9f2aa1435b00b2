import { setTimeout as sleep } from 'node:timers/promises'
import { GithubIssueComments, type IssueComments } from './issue-comments'

/** Opens the comments of a pull request with the Actions' own client, which knows the runner's proxy. */
export async function openIssueComments(where: {
  readonly apiUrl: string
  readonly token: string
  readonly owner: string
  readonly repo: string
  readonly issueNumber: number
}): Promise<IssueComments> {
  const { apiUrl, token } = where
  // Loaded here: most runs write no comment.
  const { getOctokit } = await import('@actions/github')
  const octokit = getOctokit(token, { baseUrl: apiUrl })
  return new GithubIssueComments({
    ...where,
    request: (route, parameters) => octokit.request(route, { ...parameters }),
    sleep: (milliseconds) => sleep(milliseconds),
  })
}
