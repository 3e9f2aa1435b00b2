import type * as Synthesis from '../../src/infra/synthesize'

/** The same synthesis, which remembers what it made of the same options. For `jest.mock`. */
export function memoized(): typeof Synthesis {
  const actual = jest.requireActual<typeof Synthesis>('../../src/infra/synthesize')
  const known = new Map<string, Synthesis.Files>()
  const blocks = new Map<string, Synthesis.Blocks>()
  return {
    ...actual,
    synthesizeBlocks: (...options) => {
      const key = JSON.stringify(options)
      const made = blocks.get(key) ?? actual.synthesizeBlocks(...options)
      blocks.set(key, made)
      return made
    },
    synthesize: (...options) => {
      const key = JSON.stringify(options)
      const files = known.get(key) ?? actual.synthesize(...options)
      known.set(key, files)
      return files
    },
  }
}
