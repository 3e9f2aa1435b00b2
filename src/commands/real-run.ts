import { outputsOf, type Outcome } from '../decide/outcome'
import type { RunRequest } from '../run/act/context'
import { runForReal } from '../run/real-world'
import type { Door, Result } from './command'

/** Runs on the real world; the result, and the outcome it is made from, tell what that did, or would do. */
export async function realRun(
  request: RunRequest,
  door: Door,
): Promise<Result & { readonly outcome: Outcome }> {
  const surroundings = door.surroundings()
  const outcome = await runForReal(request, surroundings)
  const { 'terraform-dir': directory, ...outputs } = outputsOf(outcome, request)
  const isKept = surroundings.keepDirectory || request.output.directoryIsExplicit
  return {
    outcome,
    outputs: directory !== undefined && isKept ? { ...outputs, 'terraform-dir': directory } : outputs,
    details: outcome.aws.diff,
    report: (report) => report.outcome(request, outcome),
  }
}
