import * as v from 'valibot'
import { GithubApi, type GithubApiOptions } from './api'
import type { IssueComment, IssueComments } from './issue-comments'
import { isOurs } from './update-plan-comment'

export interface IssuesOptions extends GithubApiOptions {
  /** What the issue is found again by. */
  readonly marker: string
  readonly title: string
}

const issueSchema = v.object({
  number: v.number(),
  state: v.string(),
  body: v.nullish(v.string(), ''),
  user: v.nullish(v.object({ id: v.number(), type: v.nullish(v.string()) })),
  pull_request: v.optional(v.unknown()),
})

/**
 * The issues of a repository, to be written as comments are: an issue's number is its id, to write it opens it again,
 * and to remove it closes it, since nobody but an administrator can delete one.
 */
export class GithubIssues implements IssueComments {
  readonly #api: GithubApi
  readonly #options: IssuesOptions

  constructor(options: IssuesOptions) {
    this.#api = new GithubApi(options, 'issues')
    this.#options = options
  }

  public whoami(): Promise<number | undefined> {
    return this.#api.whoami()
  }

  /** Those that are open; closed ones only where none of the open ones is ours: it is opened again. */
  public async list(): Promise<IssueComment[]> {
    const { marker } = this.#options
    const open = await this.listOpen()
    const self = await this.whoami()
    return open.some((issue) => isOurs(issue, marker, self)) ? open : this.#list('closed')
  }

  public listOpen(): Promise<IssueComment[]> {
    return this.#list('open')
  }

  public async create(body: string): Promise<IssueComment> {
    const route = 'POST /repos/{owner}/{repo}/issues'
    const { title } = this.#options
    return toEntry(await this.#api.send(route, { title, body }, issueSchema))
  }

  public update(id: number, body: string): Promise<boolean> {
    const { title } = this.#options
    return this.#change(id, { title, body, state: 'open' })
  }

  public remove(id: number): Promise<boolean> {
    return this.#change(id, { state: 'closed', state_reason: 'not_planned' })
  }

  /** Writes what an issue ends with, and closes it. */
  public close(id: number, body: string): Promise<boolean> {
    return this.#change(id, { body, state: 'closed', state_reason: 'completed' })
  }

  async #list(state: 'open' | 'closed'): Promise<IssueComment[]> {
    const route = 'GET /repos/{owner}/{repo}/issues'
    const issues = await this.#api.list(route, { state }, issueSchema)
    return issues.filter((issue) => issue.pull_request === undefined).map(toEntry)
  }

  #change(id: number, fields: object): Promise<boolean> {
    const route = 'PATCH /repos/{owner}/{repo}/issues/{issue_number}'
    return this.#api.onThere(route, { issue_number: id, ...fields })
  }
}

const toEntry = ({ number, body, user }: v.InferOutput<typeof issueSchema>): IssueComment => ({
  id: number,
  body,
  author: user ? { id: user.id, isBot: user.type === 'Bot' } : undefined,
})
