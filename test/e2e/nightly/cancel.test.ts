import { expectCleanCancel } from '../cancelled-run'

// As a person's Ctrl-C, and as a container's end.
test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s in the middle of an apply: state saved, locks gone, the next run completes',
  (signal) => expectCleanCancel(`acme-${signal.toLowerCase()}`, [signal]),
)
