import { boolean } from '../scalars'
import type { Input } from './input'

/** What becomes of what a check finds. */
export const CHECK_INPUTS = {
  'fail-on-drift': {
    description: 'Whether `check` fails where it finds something; on the command line it then exits with 2.',
    default: 'true',
    parser: boolean,
  },
  issue: {
    description:
      'Whether what `check` finds is written into an issue of the repository, one a store, which it closes again once all holds.',
    default: 'false',
    actionOnly: true,
    parser: boolean,
  },
  json: {
    description: 'Print what a check has found as JSON.',
    default: 'false',
    refusal: 'it prints what a check has found',
    cliOnly: true,
    parser: boolean,
  },
} as const satisfies Readonly<Record<string, Input>>
