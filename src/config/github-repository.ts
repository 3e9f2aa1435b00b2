import { lines } from './lines'
import { invalid, type Parser, show, valid } from './problems'

// Since 2026 GitHub writes ids behind the names: acme@123/data@456.
const REPOSITORY = /^[A-Za-z0-9-]+(@[0-9]+)?\/[A-Za-z0-9._-]+(@[0-9]+)?$/
const RUNS = /^(ref:refs\/(heads|tags)\/[^\s*?]+|environment:[^*?]+|pull_request)$/

/**
 * A repository and which of its runs: the subject of GitHub's token without `repo:`.
 * https://docs.github.com/en/actions/reference/security/oidc
 *
 * @returns of a repository alone, that of its branch `main`
 */
export const githubSubject: Parser<string> = (text) => {
  const [repository = '', ...rest] = text.replace(/^repo:/, '').split(':')
  const runs = rest.length === 0 ? 'ref:refs/heads/main' : rest.join(':')
  const fix = 'Write it like "acme/data:ref:refs/heads/main" or "acme/data:environment:production"'
  if (!REPOSITORY.test(repository)) return invalid(`${show(text)} names no repository of GitHub's`, fix)
  if (!RUNS.test(runs)) {
    return invalid(`${show(runs)} is no branch, tag or environment, and not "pull_request"`, fix)
  }
  return valid(`${repository}:${runs}`)
}

/** Repositories and which of their runs, one a line. */
export const githubSubjects: Parser<readonly string[]> = lines(githubSubject)
