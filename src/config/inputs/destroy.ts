import { anyText } from '../scalars'
import type { Input } from './input'

/** What a store is taken down with. */
export const DESTROY_INPUTS = {
  confirm: {
    description:
      "The bucket's name once more. Without it, or with another, `destroy` tells what would go and what stays, changes " +
      'nothing, and fails.',
    defaultText: 'none',
    parser: anyText,
  },
} as const satisfies Readonly<Record<string, Input>>
