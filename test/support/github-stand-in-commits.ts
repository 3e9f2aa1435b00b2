import type { StandInUser } from './github-stand-in'

export interface StandInPull {
  readonly number: number
  /** Of the branch that is merged. */
  head: string
  /** ISO; `undefined` while it is open. */
  mergedAt?: string
  /** The commit that came of merging it, squashing it, or the last that came of rebasing it. */
  mergeCommit?: string
  /** Those that rebasing it made before that one. */
  rebased?: readonly string[]
}

export interface StandInStatus {
  readonly sha: string
  readonly context: string
  readonly description: string
  readonly state: string
  readonly creator: StandInUser
  readonly createdAt: string
}

/** Pull requests and commit statuses; a test may look at them and change them. */
export interface Commits {
  readonly pulls: StandInPull[]
  readonly statuses: StandInStatus[]
}

const PATH =
  /^\/(commits\/(?<commit>\w+)\/(?<list>pulls|statuses)|statuses\/(?<sha>\w+)|pulls\/(?<pull>\d+))$/

/**
 * Answers what GitHub's REST API does about commits.
 *
 * @param path below that of the repository
 * @returns `undefined` where it is about something else
 */
export function answerCommits(
  { pulls, statuses }: Commits,
  { method, path, body, user }: { method: string; path: string; body: unknown; user: StandInUser },
): { status: number; body: unknown } | undefined {
  const { commit, list, sha, pull } = PATH.exec(path)?.groups ?? {}
  if (pull !== undefined) {
    const found = pulls.find(({ number }) => number === Number(pull))
    return found ? { status: 200, body: shown(found) } : { status: 404, body: { message: 'Not Found' } }
  }
  if (commit !== undefined && list === 'pulls') {
    // Open ones too that have the commit on their branch, as GitHub lists them.
    const of = pulls.filter(({ head, mergeCommit, rebased = [] }) =>
      [head, mergeCommit, ...rebased].includes(commit),
    )
    return { status: 200, body: of.map(shown) }
  }
  if (commit !== undefined) {
    const of = statuses.filter((status) => status.sha === commit).toReversed()
    return { status: 200, body: of.map(({ createdAt, ...rest }) => ({ ...rest, created_at: createdAt })) }
  }
  if (sha === undefined || method !== 'POST') return undefined
  const { context, description, state } = body as Record<'context' | 'description' | 'state', string>
  if (description.length > 140)
    return { status: 422, body: { message: 'Validation Failed: description is too long' } }
  statuses.push({ sha, context, description, state, creator: user, createdAt: new Date().toISOString() })
  return { status: 201, body: {} }
}

const shown = ({ number, head, mergedAt, mergeCommit }: StandInPull): object => ({
  number,
  head: { sha: head },
  merged_at: mergedAt ?? null,
  // Of an open one: a commit that GitHub makes to see whether it can be merged.
  merge_commit_sha: mergeCommit ?? `test${number}`,
})
