import * as v from 'valibot'
import { GithubApi, type GithubApiOptions } from './api'

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

export interface IssueCommentsOptions extends GithubApiOptions {
  readonly issueNumber: number
}

const commentSchema = v.object({
  id: v.number(),
  body: v.nullish(v.string(), ''),
  user: v.nullish(v.object({ id: v.number(), type: v.nullish(v.string()) })),
})

/** GitHub's REST API for the comments of a pull request, which are those of the issue of the same number. */
export class GithubIssueComments implements IssueComments {
  readonly #api: GithubApi
  readonly #issueNumber: number

  constructor(options: IssueCommentsOptions) {
    this.#api = new GithubApi(options, 'comments')
    this.#issueNumber = options.issueNumber
  }

  public whoami(): Promise<number | undefined> {
    return this.#api.whoami()
  }

  public async list(): Promise<IssueComment[]> {
    const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments'
    const found = await this.#api.list(route, { issue_number: this.#issueNumber }, commentSchema)
    return found.map(toComment)
  }

  public async create(body: string): Promise<IssueComment> {
    const route = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments'
    return toComment(await this.#api.send(route, { issue_number: this.#issueNumber, body }, commentSchema))
  }

  public update(id: number, body: string): Promise<boolean> {
    return this.#onComment('PATCH', id, { body })
  }

  public remove(id: number): Promise<boolean> {
    return this.#onComment('DELETE', id, {})
  }

  #onComment(method: 'PATCH' | 'DELETE', id: number, fields: object): Promise<boolean> {
    const route = `${method} /repos/{owner}/{repo}/issues/comments/{comment_id}`
    return this.#api.onThere(route, { comment_id: id, ...fields })
  }
}

function toComment({ id, body, user }: v.InferOutput<typeof commentSchema>): IssueComment {
  return { id, body, author: user ? { id: user.id, isBot: user.type === 'Bot' } : undefined }
}
