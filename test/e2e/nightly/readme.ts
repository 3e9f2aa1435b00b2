import { readFileSync } from 'node:fs'
import { fences } from '../../export/markdown'

/** The code blocks of a README, which are used as a reader uses them: the text itself, by where it stands. */
export class Readme {
  /** `section: language number` of every block that stood there at any time. */
  readonly #known = new Set<string>()
  readonly #used = new Set<string>()

  constructor(private readonly file: string) {}

  /** The text as it is by now: another export writes another. */
  get text(): string {
    return readFileSync(this.file, 'utf8')
  }

  /** A block of a section, by its language and its number there. */
  block(section: string, language: string, number = 1): string {
    const name = nameOf(section, language, number)
    const found = this.#blocks().find((block) => block.name === name)
    if (found === undefined) throw new Error(`The README has no block ${name}.`)
    this.#used.add(name)
    return found.content
  }

  /** Code in the sentences of a section. */
  phrases(section: string): string[] {
    const text = sections(this.text).get(section) ?? ''
    return [...text.replaceAll(/^```[^]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)
  }

  /** Every block that stood there, and those of them that nobody used. */
  count(): { readonly all: number; readonly unused: readonly string[] } {
    this.#blocks()
    return { all: this.#known.size, unused: [...this.#known].filter((name) => !this.#used.has(name)) }
  }

  #blocks(): { name: string; section: string; language: string; content: string }[] {
    const found = [...sections(this.text)].flatMap(([section, text]) => {
      const counted = new Map<string, number>()
      return fences(text).map(({ language, lines }) => {
        const number = (counted.get(language) ?? 0) + 1
        counted.set(language, number)
        return { name: nameOf(section, language, number), section, language, content: lines.join('\n') }
      })
    })
    for (const { name } of found) this.#known.add(name)
    return found
  }
}

const nameOf = (section: string, language: string, number: number): string =>
  `${section}: ${language} ${number}`

/** The text of each section by its title; what stands before the first has none. */
function sections(markdown: string): Map<string, string> {
  const [first = '', ...rest] = markdown.split(/^## /m)
  const entries = rest.map((text): [string, string] => {
    const [title = ''] = text.split('\n', 1)
    return [title, text.slice(title.length)]
  })
  return new Map([['', first], ...entries])
}

/** The policies that a README shows as they will be, in an account: of the user, of the role, its trust, and the bucket's. */
export const shownPolicies = (readme: Readme, account: string): unknown[] =>
  [1, 2, 3, 4].map((number): unknown =>
    JSON.parse(readme.block('Policies as they will be', 'json', number).replaceAll('<ACCOUNT_ID>', account)),
  )

/** The addresses that a plan says are forgotten and left as they are, in Terraform's words or OpenTofu's. */
export const forgotten = (told: string): string[] =>
  [
    ...told.matchAll(
      /^ *# (\S+) will (?:no longer be managed by Terraform|be removed from the OpenTofu state)/gm,
    ),
  ].map(([, address = '']) => address)

/** The addresses that `removed` blocks, or `import` blocks (`to`), are of. */
export const addressesIn = (blocks: string, argument: 'from' | 'to'): string[] =>
  [...blocks.matchAll(new RegExp(`^ *${argument} *= (\\S+)$`, 'gm'))].map(([, address = '']) => address)
