import { defaultOptions } from '../support/options'
import type { DocumentsRequest } from '../../src/export/documents'
import { blocksOf, type HclBlock, type JsonObject } from '../../src/infra/hcl'
import type { StoreSpec } from '../../src/store/spec'
import { StoreStack } from '../../src/infra/stack'
import { synthesize, type Target } from '../../src/infra/synthesize'

export const OPTIONS = defaultOptions('my-valohai-bucket')

export const TARGET: Target = {
  layout: 'root',
  format: 'hcl',
  backend: {
    type: 's3',
    settings: {
      bucket: 'my-valohai-bucket-tfstate',
      key: 'valohai-s3/my-valohai-bucket.tfstate',
      region: 'eu-west-1',
      encrypt: true,
      use_lockfile: true,
    },
  },
  awsProviderVersion: '5.100.0',
}

/** What synth would ask for, with everything that is not said as it comes. */
export function requestOf(
  changes: {
    readonly options?: Partial<StoreSpec>
    readonly target?: Partial<Target>
  } = {},
): DocumentsRequest {
  const options = {
    ...OPTIONS,
    storeName: changes.options?.bucketName ?? OPTIONS.storeName,
    ...changes.options,
  }
  const target = { ...TARGET, ...changes.target }
  return {
    options,
    target,
    blocks: blocks(options, target),
  }
}

/** The blocks of the files that are exported, with the comments that the stack gave them. */
function blocks(options: StoreSpec, target: Target): HclBlock[] {
  const nameOf = ({ type, labels }: HclBlock): string => [type, ...labels].join('.')
  const comments = new Map(
    blocksOf(new StoreStack(options).toTerraform() as JsonObject).map((block) => [
      nameOf(block),
      block.comment,
    ]),
  )
  return [...synthesize(options, { ...target, format: 'json' })]
    .filter(([name]) => name.endsWith('.tf.json'))
    .flatMap(([, text]) => blocksOf(JSON.parse(text) as JsonObject))
    .map((block) => {
      const comment = comments.get(nameOf(block))
      return comment === undefined ? block : { ...block, comment }
    })
}
