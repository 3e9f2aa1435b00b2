import { setTimeout as sleep } from 'node:timers/promises'
import { GithubIssueComments, type IssueComments } from './issue-comments'
import { GithubIssues } from './issues'
import type { GithubRestOptions } from './rest'

/** A repository, and who asks it for something. */
interface Where {
  readonly apiUrl: string
  readonly token: string
  readonly owner: string
  readonly repo: string
}

/** Opens the comments of a pull request with the Actions' own client, which knows the runner's proxy. */
export async function openIssueComments(
  where: Where & { readonly issueNumber: number },
): Promise<IssueComments> {
  return new GithubIssueComments({ ...where, ...(await connect(where)) })
}

/** Opens the issues of a repository, the one with that marker first of all, in the same way. */
export async function openGithubIssues(
  where: Where & { readonly marker: string; readonly title: string },
): Promise<GithubIssues> {
  return new GithubIssues({ ...where, ...(await connect(where)) })
}

async function connect({
  apiUrl,
  token,
}: Pick<Where, 'apiUrl' | 'token'>): Promise<Pick<GithubRestOptions, 'request' | 'sleep'>> {
  // Loaded here: most runs write nothing there.
  const { getOctokit } = await import('@actions/github')
  const octokit = getOctokit(token, { baseUrl: apiUrl })
  return {
    request: (route, parameters) => octokit.request(route, { ...parameters }),
    sleep: (milliseconds) => sleep(milliseconds),
  }
}
