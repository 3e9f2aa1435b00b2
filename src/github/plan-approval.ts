import { createHash } from 'node:crypto'
import * as v from 'valibot'
import type { Approval } from '../decide/digest'
import { readPlanDigest } from '../store/plan-digest'
import { type GithubApi, GithubError } from './api'
import { identityHash, planMarker, type StoreIdentity } from './update-plan-comment'

/** A place on GitHub where plans of one store are approved. */
export interface Approvals {
  readonly api: GithubApi
  readonly identity: StoreIdentity
}

const DIGEST_LINE = /^<!-- plan-digest: ([^\n]*) -->$/m

/** The line of a comment that says which plan it shows. */
export const digestLine = (digest: string): string => `<!-- plan-digest: ${digest} -->`

/**
 * Records on a commit which plan of it was shown, as a commit status. A comment can be edited by everybody who may
 * write to the repository; a status stays as it is, with who set it and when.
 *
 * @param commit the head of the pull request
 * @param page of the run
 * @throws GithubError where the token lacks `statuses: write`, say
 */
export async function recordPlan(
  { api, identity }: Approvals,
  {
    digest,
    commit,
    page,
  }: { readonly digest: string; readonly commit: string; readonly page?: string | undefined },
): Promise<void> {
  await api.send(
    'POST /repos/{owner}/{repo}/statuses/{sha}',
    {
      sha: commit,
      state: 'success',
      context: contextOf(identity),
      description: descriptionOf(digest),
      ...(page === undefined ? {} : { target_url: page }),
    },
    v.unknown(),
  )
}

/** The head of a pull request. @throws GithubError */
export async function headOf(api: GithubApi, number: number): Promise<string> {
  const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}'
  const { head } = await api.send(route, { pull_number: number }, v.object({ head: commitSchema }))
  return head.sha
}

const commitSchema = v.object({ sha: v.string() })
const pullSchema = v.object({
  number: v.number(),
  merged_at: v.nullish(v.string()),
  merge_commit_sha: v.nullish(v.string()),
  head: commitSchema,
})
const statusSchema = v.object({
  context: v.string(),
  description: v.nullish(v.string()),
  created_at: v.string(),
  creator: v.nullish(v.object({ id: v.number(), type: v.nullish(v.string()) })),
})
const commentSchema = v.object({ body: v.nullish(v.string(), '') })

/**
 * What the pull request that a commit was merged from showed as the plan: the list of a comment of it, where the
 * head of the pull request bears a status with its hash that the token's own account set before the merge.
 *
 * @returns no digests and the reason, where there is none; GitHub's refusal is one too
 */
export async function approvalByPullRequest({ api, identity }: Approvals, commit: string): Promise<Approval> {
  const none = (source: string): Approval => ({ digests: new Set(), source })
  const short = commit.slice(0, 7)
  try {
    const of = { commit_sha: commit }
    const pulls = await api.list('GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls', of, pullSchema)
    // Whether merged, squashed or rebased: GitHub notes the commit that came of it.
    const pull = pulls.find(({ merged_at: at, merge_commit_sha: made }) => at && made === commit)
    if (pull === undefined)
      return none(`No pull request was merged as commit ${short}, so nothing is approved.`)
    const name = `pull request #${pull.number}`
    const recorded = await recordedPlans({ api, identity }, pull.head.sha, pull.merged_at ?? '')
    if (recorded.size === 0)
      return none(
        `No plan of this store was recorded on ${pull.head.sha.slice(0, 7)}, the head of ${name}, before it was merged. A plan records itself there by a commit status, which needs "permissions: statuses: write".`,
      )
    const shown = await shownPlans({ api, identity }, pull.number)
    const approved = shown.find((digest) => recorded.has(descriptionOf(digest)))
    if (approved !== undefined) {
      const digests = readPlanDigest(approved)
      return {
        digests: new Set('wrong' in digests ? [] : digests),
        source: `Approved is the plan of ${name}.`,
      }
    }
    return none(
      shown.length === 0
        ? `No comment of ${name} shows a plan of this store, so nothing is approved.`
        : `The comment of ${name} does not show the plan that was recorded before the merge: it was edited, or written again afterwards.`,
    )
  } catch (error) {
    if (!(error instanceof GithubError)) throw error
    return none(
      `What was approved could not be looked up: ${error.message}. It needs "permissions: contents: read, pull-requests: read, statuses: read".`,
    )
  }
}

/** Descriptions of the statuses that the token's own account had set by then. */
async function recordedPlans(
  { api, identity }: Approvals,
  commit: string,
  mergedAt: string,
): Promise<ReadonlySet<string>> {
  const self = await api.whoami()
  const route = 'GET /repos/{owner}/{repo}/commits/{commit_sha}/statuses'
  const statuses = await api.list(route, { commit_sha: commit }, statusSchema)
  return new Set(
    statuses
      .filter(
        ({ context, created_at: created, creator }) =>
          context === contextOf(identity) &&
          Date.parse(created) <= Date.parse(mergedAt) &&
          // People cannot write as a bot.
          (self === undefined ? creator?.type === 'Bot' : creator?.id === self),
      )
      .map(({ description }) => description ?? ''),
  )
}

/** The digests that comments show for this store, whoever wrote them: what was recorded tells which counts. */
async function shownPlans({ api, identity }: Approvals, number: number): Promise<string[]> {
  const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments'
  const comments = await api.list(route, { issue_number: number }, commentSchema)
  return comments.flatMap(({ body }) => {
    const digest = DIGEST_LINE.exec(body)?.[1]
    return body.trimStart().startsWith(planMarker(identity)) && digest !== undefined ? [digest] : []
  })
}

/** What people see beside the commit, and what tells one store's plans from another's. */
function contextOf(identity: StoreIdentity): string {
  return `valohai-s3 plan of ${identity.bucket} (${identityHash(identity).slice(0, 8)})`
}

function descriptionOf(digest: string): string {
  return `sha256:${createHash('sha256').update(digest).digest('hex')}`
}
