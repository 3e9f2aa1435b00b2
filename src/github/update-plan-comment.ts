import { createHash } from 'node:crypto'
import type { IssueComment, IssueComments } from './issue-comments'
import { GithubError } from './api'

/** What tells one store's comment from another's on the same pull request. */
export interface StoreIdentity {
  readonly valohaiOrigin: string
  /** As it was given; `undefined` for a plan without Valohai. */
  readonly project: string | undefined
  readonly bucket: string
}

export interface PlanCommentUpdate {
  readonly comments: IssueComments
  /** From `planMarker`. */
  readonly marker: string
  /** From `planComment`; the marker is put before it. */
  readonly body: string
  /** Whether a comment may be made where it is missing: only where there is something to change. */
  readonly mayCreate: boolean
  /** Waits some milliseconds. */
  readonly sleep: (milliseconds: number) => Promise<void>
}

/** What was done about the comment. */
export type CommentAction = 'created' | 'updated' | 'none'

/** GitHub may show a comment a moment later than it says that it made it. */
const SETTLE_MS = 1_000
const MAX_ATTEMPTS = 3

/** The first line of a store's comment. */
export const planMarker = (identity: StoreIdentity): string => markerOf('plan', identity)

/** What is found again by its first line: a hash alone, so that no value can end the HTML comment. */
export function markerOf(kind: 'plan' | 'drift', identity: StoreIdentity): string {
  return `<!-- valohai-s3-action:${kind}:${identityHash(identity)} -->`
}

/** What tells one store from another, in twenty hexadecimal digits. */
export function identityHash({ valohaiOrigin, project, bucket }: StoreIdentity): string {
  const identity = JSON.stringify([valohaiOrigin, project?.toLowerCase() ?? '', bucket])
  return createHash('sha256').update(identity).digest('hex').slice(0, 20)
}

/**
 * Writes the plan into the store's one comment: the oldest of ours that begins with the marker, or a new one.
 *
 * Jobs that run at once may each find none and make one. So each looks again after making its own: all of
 * them keep the oldest, and remove what is newer. Whatever the order, and whoever is late, the oldest stays.
 *
 * @throws GithubError
 */
export async function updatePlanComment(update: PlanCommentUpdate): Promise<CommentAction> {
  const { comments, marker, mayCreate, sleep } = update
  const body = `${marker}\n${update.body}`
  let self = await comments.whoami()
  const ours = async (): Promise<IssueComment[]> =>
    (await comments.list())
      .filter((comment) => isOurs(comment, marker, self))
      .sort((left, right) => left.id - right.id)

  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const [oldest, ...newer] = await ours()
    if (oldest !== undefined) {
      if (await comments.update(oldest.id, body)) {
        for (const { id } of newer) await comments.remove(id)
        return 'updated'
      }
      // Somebody deleted it since it was listed.
      continue
    }
    if (!mayCreate) return 'none'
    try {
      const made = await comments.create(body)
      self = made.author?.id ?? self
      await sleep(SETTLE_MS)
      const ids = (await ours()).map(({ id }) => id).concat(made.id)
      const first = Math.min(...ids)
      if (first !== made.id && !(await comments.update(first, body))) continue
      for (const id of new Set(ids)) if (id !== first) await comments.remove(id)
      return first === made.id ? 'created' : 'updated'
    } catch (error) {
      // It may have been made all the same: look first, then try again.
      const isWorthIt = error instanceof GithubError && error.isOutcomeUnknown && attempt < MAX_ATTEMPTS
      if (!isWorthIt) throw error
      await sleep(SETTLE_MS)
    }
  }
  throw new GithubError('The comment was deleted each time that it was to be written', undefined)
}

/**
 * Whether a comment is one of ours. The token of a workflow may edit everybody's comments, so a marker is not
 * enough: a person may have quoted it. Where GitHub does not tell who the token is, it is a bot's, and people
 * cannot write as one.
 */
export function isOurs({ body, author }: IssueComment, marker: string, self: number | undefined): boolean {
  if (!body.trimStart().startsWith(marker)) return false
  return self === undefined ? author?.isBot === true : author?.id === self
}
