import type { HclBlock } from '../infra/hcl'
import { code, table } from '../markdown/escape'

const OPEN = '<!-- BEGIN_TF_DOCS -->'
const CLOSE = '<!-- END_TF_DOCS -->'

/**
 * Requirements, inputs and outputs, read from the configuration itself. They stand between the markers of
 * terraform-docs: whoever runs it gets its tables in place of these, not a second set.
 */
export function referenceSection(blocks: readonly HclBlock[]): string {
  const named = (type: string): HclBlock[] =>
    blocks
      .filter((block) => block.type === type)
      .sort(({ labels: [a = ''] }, { labels: [b = ''] }) => (a < b ? -1 : 1))
  return `${OPEN}
## Requirements

${table(['Name', 'Version'], requirements(blocks))}

## Inputs

${table(['Name', 'Description', 'Type', 'Default'], named('variable').map(inputRow))}

## Outputs

${table(['Name', 'Description'], named('output').map(outputRow))}
${CLOSE}`
}

/** Plain words of ours as Markdown, in a line of text as well as in a cell of a table; not for values. */
export function prose(words: unknown): string {
  return typeof words === 'string' ? words.replaceAll(/[\\|_*<`]/g, '\\$&') : ''
}

function requirements(blocks: readonly HclBlock[]): string[][] {
  const bodies = blocks.filter(({ type }) => type === 'terraform').map(({ body }) => body) as Terraform[]
  return bodies.flatMap(({ required_version: version, required_providers: providers = {} }) => [
    ...(version === undefined ? [] : [['Terraform or OpenTofu', `\`${version}\``]]),
    ...Object.values(providers).map((provider) => [`\`${provider.source}\``, `\`${provider.version}\``]),
  ])
}

/** What is read of a `terraform` block. */
interface Terraform {
  readonly required_version?: string
  readonly required_providers?: Readonly<Record<string, { source: string; version: string }>>
}

function inputRow({ labels: [name = ''], body }: HclBlock): string[] {
  return [
    code(name),
    prose(body.description),
    code(typeof body.type === 'string' ? body.type : 'any'),
    body.default === undefined ? '**required**' : code(JSON.stringify(body.default)),
  ]
}

function outputRow({ labels: [name = ''], body }: HclBlock): string[] {
  return [code(name), prose(body.description)]
}
