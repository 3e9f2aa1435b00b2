import type { HclBlock } from '../infra/hcl'
import { isObject, type JsonValue } from '../infra/hcl/json'
import { code } from '../markdown/escape'

const BEGIN = '<!-- BEGIN_TF_DOCS -->'
const END = '<!-- END_TF_DOCS -->'

/** A file of provider documentation is found by the type without the provider's name. */
const PROVIDER = 'aws'

/**
 * Requirements, providers, resources, inputs and outputs between terraform-docs' markers, in the form and the
 * order in which terraform-docs 0.24 writes them (`markdown table`, its settings as they come), so that
 * running it changes nothing.
 */
export function terraformDocs(blocks: readonly HclBlock[]): string {
  const requirements = requirementsOf(blocks)
  const sections = [
    section(
      'Requirements',
      ['Name', 'Version'],
      requirements.map(([name, version]) => [anchor('requirement', name), version]),
    ),
    section(
      'Providers',
      ['Name', 'Version'],
      requirements
        .filter(([name]) => name === PROVIDER)
        .map(([name, version]) => [anchor('provider', name), version]),
    ),
    '## Modules\n\nNo modules.',
    section('Resources', ['Name', 'Type'], resourceRows(blocks, requirements)),
    section(
      'Inputs',
      ['Name', 'Description', 'Type', 'Default', ':Required:'],
      sorted(blocks, 'variable').map(inputRow),
    ),
    section(
      'Outputs',
      ['Name', 'Description'],
      sorted(blocks, 'output').map(({ labels: [name = ''], body }) => [
        anchor('output', name),
        description(body.description),
      ]),
    ),
  ]
  return [BEGIN, sections.join('\n\n'), END].join('\n')
}

/** Terraform first, then the providers by name, each with its version constraint. */
function requirementsOf(blocks: readonly HclBlock[]): [name: string, version: string][] {
  const bodies = blocks.filter(({ type }) => type === 'terraform').map(({ body }) => body)
  return [
    ...bodies.flatMap(({ required_version: version }): [string, string][] =>
      typeof version === 'string' ? [['terraform', version]] : [],
    ),
    ...bodies
      .flatMap(({ required_providers: providers }) => (isObject(providers) ? Object.entries(providers) : []))
      .flatMap(([name, provider]): [string, string][] =>
        isObject(provider) && typeof provider.version === 'string' ? [[name, provider.version]] : [],
      )
      .sort(([a], [b]) => compare(a, b)),
  ]
}

/** Resources before data sources, each by address. */
function resourceRows(blocks: readonly HclBlock[], requirements: readonly [string, string][]): string[][] {
  const exact = /^=? ?(\d\S*)$/.exec(requirements.find(([name]) => name === PROVIDER)?.[1] ?? '')?.[1]
  const rows = (type: 'resource' | 'data', folder: string, kind: string): string[][] =>
    blocks
      .filter((block) => block.type === type)
      .map(({ labels }) => labels.join('.'))
      .sort(compare)
      .map((address) => {
        const page = address.replace(/\..*/, '').slice(PROVIDER.length + 1)
        const url = `https://registry.terraform.io/providers/hashicorp/${PROVIDER}/${exact ?? 'latest'}/docs/${folder}/${page}`
        return [`[${address}](${url})`, kind]
      })
  return [...rows('resource', 'resources', 'resource'), ...rows('data', 'data-sources', 'data source')]
}

function inputRow({ labels: [name = ''], body }: HclBlock): string[] {
  const required = !('default' in body)
  return [
    anchor('input', name),
    description(body.description),
    codeCell(typeof body.type === 'string' ? body.type : 'any'),
    required ? 'n/a' : codeCell(JSON.stringify(sortKeys(body.default ?? null), null, 2)),
    required ? 'yes' : 'no',
  ]
}

/** The blocks of a type, by name. */
function sorted(blocks: readonly HclBlock[], type: string): HclBlock[] {
  return blocks
    .filter((block) => block.type === type)
    .sort(({ labels: [a = ''] }, { labels: [b = ''] }) => compare(a, b))
}

/** `:Name:` is a column whose text stands in the middle. */
function section(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const names = head.map((cell) => cell.replaceAll(':', ''))
  // Of a column in the middle, terraform-docs counts the colons among the dashes.
  const rules = head.map((cell) =>
    cell.startsWith(':') ? `:${'-'.repeat(cell.length - 4)}:` : cell.replaceAll(/./g, '-'),
  )
  return [`## ${title}\n`, line(names), line(rules), ...rows.map(line)].join('\n')
}

function anchor(kind: string, name: string): string {
  const escaped = name.replaceAll('_', '\\_')
  return `<a name="${kind}_${name}"></a> [${escaped}](#${kind}\\_${escaped})`
}

/** Our own words, which have no markup: only what they may contain is escaped. */
function description(value: JsonValue | undefined): string {
  if (typeof value !== 'string' || value === '') return 'n/a'
  return value.replaceAll('|', '\\|').replaceAll('_', '\\_')
}

/** What terraform-docs and GitHub show alike, in code as well as in `<pre>`. */
const HARMLESS = /^[\p{L}\p{N}"{}[\](),.:/=+@_ \n-]*$/u

/** Text as terraform-docs shows types and defaults. What could end its cell is written as entities, other than there. */
function codeCell(content: string): string {
  const harmless = HARMLESS.test(content)
  if (!content.includes('\n')) return harmless ? `\`${content}\`` : code(content)
  const lines = harmless
    ? content
    : Array.from(content, (character) =>
        HARMLESS.test(character) ? character : `&#${character.codePointAt(0) ?? 0};`,
      ).join('')
  return `<pre>${lines.replaceAll('\n', '<br/>')}</pre>`
}

/** terraform-docs is written in Go, which sorts the keys of a map. */
function sortKeys(value: JsonValue): JsonValue {
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort(compare)
      .map((key) => [key, sortKeys(value[key] ?? null)]),
  )
}

/** By code units, whatever the language of the machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
