import { expectCleanCancel } from './cancelled-run'

// As GitHub's runner ends a step whose first signal is not enough for it.
test('SIGINT and then SIGTERM in the middle of an apply: state saved, locks gone, the next run completes', () =>
  expectCleanCancel('acme-sigint-sigterm', ['SIGINT', 'SIGTERM']))
