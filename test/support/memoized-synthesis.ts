import type * as Synthesis from '../../src/infra/synthesize'

/** The same synthesis, which remembers what it made of the same options. For `jest.mock`. */
export function memoized(): typeof Synthesis {
  const actual = jest.requireActual<typeof Synthesis>('../../src/infra/synthesize')
  const known = new Map<string, Synthesis.Files>()
  return {
    ...actual,
    synthesize: (...options) => {
      const key = JSON.stringify(options)
      const files = known.get(key) ?? actual.synthesize(...options)
      known.set(key, files)
      return files
    },
  }
}
