import { name, version } from '../../package.json'
import { shellWord } from '../markdown/shell'
import type { StoreSpec } from '../store/spec'
import type { Target } from './synthesize'

/** Fields of a store whose option has another name; the others are the option's words in camel case. */
const OPTIONS: Readonly<Record<string, string>> = { bucketName: 'bucket', valohaiOrigin: 'valohai-url' }

/**
 * What stands at the top of `main.tf`: what wrote it, the command that writes it again, and where the guide
 * is. It says all options and no default, so that it holds for later versions, too; the backend is not among
 * them, since an export and a run may differ in it.
 */
export function headerOf(spec: StoreSpec, { layout, format }: Target): string {
  const options = Object.entries({ ...spec, layout, format }).flatMap(([field, value]) =>
    valuesOf(value).map((text) => `--${optionOf(field)} ${shellWord(text)}`),
  )
  return [
    `Written by ${name} ${version}. The same again:`,
    `  valohai-s3 synth ${options.join(' \\\n    ')}`,
    'The steps named below are those of Valohai\'s guide "Use a private S3 bucket for data storage", see',
    'https://docs.valohai.com',
  ].join('\n')
}

function optionOf(field: string): string {
  return OPTIONS[field] ?? field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

/** The values of an option: none where it is not given, several where it is repeated. */
function valuesOf(value: StoreSpec[keyof StoreSpec]): string[] {
  if (value === undefined) return []
  if (typeof value !== 'object') return [String(value)]
  return Object.entries(value).map(([key, text]) => `${key}=${text}`)
}
