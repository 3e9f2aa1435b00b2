import * as v from 'valibot'
import { GithubRest, type GithubRestOptions } from './rest'

/** A comment on an issue or a pull request. */
export interface IssueComment {
  readonly id: number
  readonly body: string
  /** `undefined` where the account is gone. */
  readonly author: { readonly id: number; readonly isBot: boolean } | undefined
}

/** The comments of one pull request. Every method throws `GithubError`. */
export interface IssueComments {
  /** Id of the account that the token is of; `undefined` where GitHub does not tell: the token is a bot's. */
  whoami(): Promise<number | undefined>
  /** All of them, in the order they were made. */
  list(): Promise<IssueComment[]>
  create(body: string): Promise<IssueComment>
  /** Returns whether it was there. */
  update(id: number, body: string): Promise<boolean>
  /** Returns whether it was there. */
  remove(id: number): Promise<boolean>
}

export interface IssueCommentsOptions extends Omit<GithubRestOptions, 'what'> {
  readonly owner: string
  readonly repo: string
  readonly issueNumber: number
}

const commentSchema = v.object({
  id: v.number(),
  body: v.nullish(v.string(), ''),
  user: v.nullish(v.object({ id: v.number(), type: v.nullish(v.string()) })),
})

/** GitHub's REST API for the comments of a pull request, which are those of the issue of the same number. */
export class GithubIssueComments implements IssueComments {
  readonly #rest: GithubRest
  readonly #repository: { readonly owner: string; readonly repo: string }
  readonly #issue: object

  constructor({ owner, repo, issueNumber, ...options }: IssueCommentsOptions) {
    this.#rest = new GithubRest({ ...options, what: 'comments' })
    this.#repository = { owner, repo }
    this.#issue = { owner, repo, issue_number: issueNumber }
  }

  public whoami(): Promise<number | undefined> {
    return this.#rest.whoami()
  }

  public async list(): Promise<IssueComment[]> {
    const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments'
    return (await this.#rest.all(route, this.#issue, commentSchema)).map(toComment)
  }

  public async create(body: string): Promise<IssueComment> {
    const route = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments'
    const { data } = await this.#rest.send(route, { ...this.#issue, body })
    return toComment(this.#rest.parse(commentSchema, data))
  }

  public update(id: number, body: string): Promise<boolean> {
    return this.#onComment('PATCH', id, { body })
  }

  public remove(id: number): Promise<boolean> {
    return this.#onComment('DELETE', id, {})
  }

  #onComment(method: 'PATCH' | 'DELETE', id: number, fields: object): Promise<boolean> {
    const route = `${method} /repos/{owner}/{repo}/issues/comments/{comment_id}`
    return this.#rest.onThere(route, { ...this.#repository, comment_id: id, ...fields })
  }
}

function toComment({ id, body, user }: v.InferOutput<typeof commentSchema>): IssueComment {
  return { id, body, author: user ? { id: user.id, isBot: user.type === 'Bot' } : undefined }
}
