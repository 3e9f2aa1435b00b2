import { setTimeout as sleep } from 'node:timers/promises'
import type { GithubApiOptions } from './api'
import { GithubIssueComments, type IssueComments } from './issue-comments'
import { GithubIssues } from './issues'

/** A repository on GitHub, and the right to do something there. */
export interface Repository {
  readonly apiUrl: string
  readonly token: string
  readonly owner: string
  readonly repo: string
}

/** Opens a repository with the Actions' own client, which knows the runner's proxy. */
export async function openGithub({ apiUrl, token, owner, repo }: Repository): Promise<GithubApiOptions> {
  // Loaded here: most runs say nothing on GitHub.
  const { getOctokit } = await import('@actions/github')
  const octokit = getOctokit(token, { baseUrl: apiUrl })
  return {
    token,
    owner,
    repo,
    request: (route, parameters) => octokit.request(route, { ...parameters }),
    sleep: (milliseconds) => sleep(milliseconds),
  }
}

/** Opens the comments of a pull request. */
export async function openIssueComments({
  issueNumber,
  ...repository
}: Repository & { readonly issueNumber: number }): Promise<IssueComments> {
  return new GithubIssueComments({ ...(await openGithub(repository)), issueNumber })
}

/** Opens the issues of a repository, the one with that marker first of all. */
export async function openGithubIssues({
  marker,
  title,
  ...repository
}: Repository & { readonly marker: string; readonly title: string }): Promise<GithubIssues> {
  return new GithubIssues({ ...(await openGithub(repository)), marker, title })
}
