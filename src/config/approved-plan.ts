import { readPlanDigest } from '../store/plan-digest'
import { type Parser, invalid, show, valid } from './problems'

/** That which the pull request of the commit showed. */
export const PULL_REQUEST = 'pull-request'

/** What was approved: the digests of changes, or whatever a pull request showed. */
export type ApprovedPlan = readonly string[] | typeof PULL_REQUEST

/** The output `plan-digest`, or the word `pull-request`. */
export const approvedPlan: Parser<ApprovedPlan> = (text) => {
  if (text === PULL_REQUEST) return valid(PULL_REQUEST)
  const digests = readPlanDigest(text)
  if (!('wrong' in digests)) return valid(digests)
  return invalid(
    `${show(digests.wrong)} is not the digest of a change`,
    `Write the output \`plan-digest\` of a plan as it is, or ${PULL_REQUEST}`,
  )
}
