import { name, version } from '../../package.json'
import type { StoreSpec } from '../store/spec'
import type { Target } from './synthesize'
import { partsOf } from '../store/parts'

/**
 * What stands at the top of `main.tf`: what wrote it, the options that shaped it, and where the guide is. No
 * value is among them: those are in variables, so the text of a configuration is the same for every bucket.
 */
export function headerOf(spec: StoreSpec, { layout, format }: Target): string {
  const { cors, aborts, expires } = partsOf(spec)
  const isOn: Readonly<Record<string, boolean>> = {
    'manage-bucket': spec.manageBucket,
    ...(spec.manageBucket && {
      'public-access-block': spec.publicAccessBlock,
      cors,
      versioning: spec.versioning,
      'noncurrent-days': expires,
      'abort-multipart-days': aborts,
      'deny-reconfiguration': spec.denyReconfiguration,
    }),
    multipart: spec.multipart,
    'kms-key-arn': spec.kmsKeyArn !== undefined,
    'kms-decrypt-key-arns': spec.kmsDecryptKeyArns.length > 0,
  }
  const named = (word: string, wanted: boolean): string[] => {
    const options = Object.keys(isOn).filter((option) => isOn[option] === wanted)
    return options.length === 0 ? [] : [`${word} ${options.join(', ')}.`]
  }
  return [
    `Written by ${name} ${version}, layout ${layout}, format ${format}.`,
    ...named('With', true),
    ...named('Without', false),
    'Every value is in a variable.',
    'The steps named below are those of Valohai\'s guide "Use a private S3 bucket for data storage", see https://docs.valohai.com',
  ].join('\n')
}
