import TestSequencer from '@jest/test-sequencer'

const isUnit = ({ context }) => context.config.displayName.name === 'unit'

/** The end-to-end tests first: begun last, the longest of them would be waited for with one core idle. */
export default class EndToEndFirst extends TestSequencer {
  sort(tests) {
    return super.sort(tests).sort((a, b) => Number(isUnit(a)) - Number(isUnit(b)))
  }
}
