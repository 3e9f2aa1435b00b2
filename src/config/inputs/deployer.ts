import { githubSubjects } from '../github-repository'
import { lines } from '../lines'
import { anyText, boolean } from '../scalars'
import type { Input } from './input'

/** What the deploying role is for, and who may assume it. */
export const DEPLOYER_INPUTS = {
  for: {
    description: 'The commands that the policy is to let work, one a line.',
    default: 'apply',
    multiline: true,
    // Which commands there are is theirs to say, see `readInputs`.
    parser: lines(anyText),
  },
  'github-repository': {
    description:
      'The workflows that may assume the role, one a line: a repository, `acme/data`, and which of its runs, as GitHub ' +
      'writes it into the token: `acme/data:ref:refs/heads/main` (a branch; the default), ' +
      '`acme/data:environment:production`, `acme/data:pull_request`. ' +
      'Repositories of 2026 and later have ids in their names there: `acme@123/data@456`.',
    defaultText: 'none, no role is written',
    multiline: true,
    fallback: [],
    parser: githubSubjects,
  },
  'delete-bucket': {
    description:
      'Whether the bucket itself is deleted too. One that is not empty is refused, before anything is taken down. ' +
      'Of `deployer-policy`: whether it may be.',
    default: 'false',
    parser: boolean,
  },
} as const satisfies Readonly<Record<string, Input>>
